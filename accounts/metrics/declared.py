"""Every metric, declared once.

A label has few values, all of which are in the source: results, codes, operations of Cognito,
purposes of rate limits. It is never a user, an address, a path or a text of a request.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Kind(Enum):
    """How the values of a metric are combined."""

    COUNTER = "counter"
    # The latest value counts.
    GAUGE = "gauge"
    # Seconds, of which a process keeps a histogram.
    TIME = "histogram"


# Compared by identity, because a metric is part of the key of each count.
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Metric:
    """A metric.

    Attributes:
        name: its name in CloudWatch.
        exported: its name for Prometheus, after the prefix of the product.
        meaning: one sentence, for Prometheus and docs/metrics.md.
        label: what distinguishes its series, for example `operation`; empty for one series.
        is_logged: whether it is written to the log, for CloudWatch.
    """

    name: str
    exported: str
    kind: Kind
    meaning: str
    label: str = ""
    is_logged: bool = True


SIGN_INS: Final = Metric(
    "SignIns",
    "sign_ins_total",
    Kind.COUNTER,
    "Sign-ins that ended, of browsers and of the API, by result: success or failure.",
    "result",
)
UNAUTHORIZED: Final = Metric(
    "Unauthorized",
    "unauthorized_total",
    Kind.COUNTER,
    "Answers 401 of the API, by the code of the problem.",
    "code",
)
RENEWALS: Final = Metric(
    "Renewals",
    "renewals_total",
    Kind.COUNTER,
    "Renewals of browser sessions, by result: renewed, ended or unavailable.",
    "result",
)
CALL_TIME: Final = Metric(
    "CognitoLatency",
    "cognito_call_seconds",
    Kind.TIME,
    "Time of a call of Cognito until its answer or its failure, by operation.",
    "operation",
)
CALL_FAILURES: Final = Metric(
    "CognitoFailures",
    "cognito_failures_total",
    Kind.COUNTER,
    "Calls of Cognito without a usable answer, by operation.",
    "operation",
)
CALL_THROTTLES: Final = Metric(
    "CognitoThrottles",
    "cognito_throttles_total",
    Kind.COUNTER,
    "Calls that Cognito refused because a quota was used up, by operation.",
    "operation",
)
DATABASE_FAILURES: Final = Metric(
    "DatabaseFailures",
    "database_failures_total",
    Kind.COUNTER,
    "Requests that failed because the database was unavailable.",
)
AUDIT_FAILURES: Final = Metric(
    "AuditFailures",
    "audit_failures_total",
    Kind.COUNTER,
    "Events that the audit trail lacks, because the database refused them.",
)
REVOCATION_LIST_AGE: Final = Metric(
    "RevocationListAge",
    "revocation_list_age_seconds",
    Kind.GAUGE,
    "Seconds since a process read the list of revoked tokens from the database.",
)
COLD_STARTS: Final = Metric(
    "ColdStarts",
    "cold_starts_total",
    Kind.COUNTER,
    "Starts of a process on Lambda.",
)
LIMITS_HIT: Final = Metric(
    "LimitsHit",
    "limits_hit_total",
    Kind.COUNTER,
    "Attempts above a rate limit, by the limit.",
    "limit",
)
# API Gateway has both figures, so the log need not repeat them for each request.
ANSWER_TIME: Final = Metric(
    "AnswerTime",
    "answer_seconds",
    Kind.TIME,
    "Time of an answer, by the class of its status, such as 2xx.",
    "status",
    is_logged=False,
)

METRICS: Final = (
    SIGN_INS,
    UNAUTHORIZED,
    RENEWALS,
    CALL_TIME,
    CALL_FAILURES,
    CALL_THROTTLES,
    DATABASE_FAILURES,
    AUDIT_FAILURES,
    REVOCATION_LIST_AGE,
    COLD_STARTS,
    LIMITS_HIT,
    ANSWER_TIME,
)
