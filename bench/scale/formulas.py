"""The arithmetic of docs/scaling.md: what a number of users means for Cognito, AWS and money.

Replace the assumptions of `Load` with your own numbers. Prices are those of US East (N. Virginia)
in November 2026, in dollars and without discounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

DAY, HOUR = 86_400, 3_600
DAYS_OF_A_MONTH = 30.4
# Calls a second of the category UserAuthentication for all pools of an account and region.
COGNITO_QUOTA = 120
LAMBDA_QUOTA, GATEWAY_QUOTA = 1_000, 10_000
SIZES = (10_000, 1_000_000, 100_000_000)


@dataclass(frozen=True)
class Load:
    """What users do. All of them are active within a month.

    Attributes:
        daily: the share of the users who are active on a day.
        sign_ins: of an active user, a day.
        minutes: that an active user spends on the site, a day.
        requests: of an active user, a day.
        busiest_hour: the share of a day's activity in its busiest hour.
        signs_out: the share of sign-ins that end with a sign-out.
        events: rows in the audit trail for each sign-in.
        request_seconds, renewal_seconds: how long a request, and one that renews, occupies the
            function.
    """

    users: int
    daily: float = 0.2
    sign_ins: float = 1.0
    minutes: float = 30.0
    requests: float = 60.0
    busiest_hour: float = 0.12
    signs_out: float = 0.3
    events: float = 1.5
    renew_seconds: float = 300.0
    request_seconds: float = 0.03
    renewal_seconds: float = 0.15

    @property
    def active_users(self) -> float:
        return self.users * self.daily

    @property
    def sign_ins_a_day(self) -> float:
        return self.active_users * self.sign_ins

    @property
    def sign_ins_a_second(self) -> float:
        """In the busiest hour, as all rates a second."""
        return self.sign_ins_a_day * self.busiest_hour / HOUR

    @property
    def at_once(self) -> float:
        """Users who are active at the same time."""
        return self.active_users * self.busiest_hour * self.minutes / 60

    @property
    def renewals_a_second(self) -> float:
        return self.at_once / self.renew_seconds

    @property
    def cognito_calls_a_second(self) -> float:
        return self.sign_ins_a_second + self.renewals_a_second

    @property
    def requests_a_second(self) -> float:
        return self.active_users * self.requests * self.busiest_hour / HOUR

    @property
    def concurrency(self) -> float:
        """Instances of the function, which are also connections to the database."""
        return (
            self.requests_a_second * self.request_seconds
            + self.renewals_a_second * self.renewal_seconds
        )

    @property
    def sign_outs_a_day(self) -> float:
        return self.sign_ins_a_day * self.signs_out

    @property
    def requests_a_month(self) -> float:
        return self.active_users * self.requests * DAYS_OF_A_MONTH


@dataclass(frozen=True)
class Prices:
    """Steps are pairs: up to how many units a price applies, and the price of one unit."""

    lite: tuple[tuple[float, float], ...] = (
        (10_000, 0),
        (100_000, 0.0055),
        (1_000_000, 0.0046),
        (10_000_000, 0.00325),
        (float("inf"), 0.0025),
    )
    essentials: tuple[tuple[float, float], ...] = ((10_000, 0), (float("inf"), 0.015))
    plus: tuple[tuple[float, float], ...] = ((float("inf"), 0.02),)
    gateway: tuple[tuple[float, float], ...] = (
        (333e6, 3.50e-6),
        (1e9, 2.80e-6),
        (20e9, 2.38e-6),
        (float("inf"), 1.51e-6),
    )
    lambda_request: float = 0.20e-6
    lambda_gigabyte_second: float = 0.0000133334
    log_gigabyte: float = 0.50
    storage_gigabyte: float = 0.115
    # An hour: a db.t4g.medium; two db.r6g.xlarge; two db.r6g.8xlarge in each of 20 stages.
    database: dict[int, float] = field(
        default_factory=lambda: {10_000: 0.065, 1_000_000: 2 * 0.45, 100_000_000: 20 * 2 * 3.60}
    )


def stepped(units: float, steps: Iterable[tuple[float, float]]) -> float:
    """Return the price of a number of units, where each further step has its own price."""
    total, before = 0.0, 0.0
    for until, price in steps:
        total += max(0.0, min(units, until) - before) * price
        before = until
    return total


def money(load: Load, prices: Prices, *, stored_gigabytes: float) -> dict[str, float]:
    """Return dollars a month, by service.

    Args:
        stored_gigabytes: in the database.
    """
    requests = load.requests_a_month
    seconds = load.request_seconds + load.renewal_seconds * (
        load.active_users * load.minutes * 60 / load.renew_seconds
    ) / (load.active_users * load.requests)
    # A line of the log has some 400 bytes, in a function of 1 GB.
    return {
        "Cognito, Lite": stepped(load.users, prices.lite),
        "Cognito, Essentials": stepped(load.users, prices.essentials),
        "Cognito, Plus": stepped(load.users, prices.plus),
        "API Gateway (REST)": stepped(requests, prices.gateway),
        "Lambda (arm64, 1 GB)": requests
        * (prices.lambda_request + seconds * prices.lambda_gigabyte_second),
        "logs": requests * 400 / 1e9 * prices.log_gigabyte,
        "PostgreSQL": prices.database[load.users] * DAYS_OF_A_MONTH * 24
        + stored_gigabytes * prices.storage_gigabyte,
    }


def load_table(loads: Iterable[Load]) -> str:
    """Return the rates of several sizes as a Markdown table."""
    loads = list(loads)
    rows: dict[str, Callable[[Load], float]] = {
        "users active on a day": lambda one: one.active_users,
        "users active at once": lambda one: one.at_once,
        "sign-ins a second": lambda one: one.sign_ins_a_second,
        "renewals a second": lambda one: one.renewals_a_second,
        f"share of Cognito's default quota ({COGNITO_QUOTA} a second)": (
            lambda one: one.cognito_calls_a_second / COGNITO_QUOTA
        ),
        "requests a second": lambda one: one.requests_a_second,
        "instances of the function, connections to the database": lambda one: one.concurrency,
        "sign-outs a day": lambda one: one.sign_outs_a_day,
        "revocation list of a process": (lambda one: one.sign_outs_a_day * REVOKED_DAYS),
    }
    head = "| in the busiest hour | " + " | ".join(f"{one.users:,} users" for one in loads) + " |"
    lines = [head, "|---|" + "--:|" * len(loads)]
    for name, value in rows.items():
        share = name.startswith("share")
        cells = [f"{value(one):,.0%}" if share else shown(value(one)) for one in loads]
        lines.append(" | ".join((f"| {name}", *cells)) + " |")
    return "\n".join(lines)


# A revocation is in force for the longest lifetime of a token: 24 hours 30.
REVOKED_DAYS = 24.5 / 24


def money_table(sizes: dict[int, dict[str, float]]) -> str:
    """Return dollars a month of several sizes as a Markdown table."""
    head = "| dollars a month | " + " | ".join(f"{users:,} users" for users in sizes) + " |"
    lines = [head, "|---|" + "--:|" * len(sizes)]
    lines += [
        " | ".join((f"| {name}", *(f"{costs[name]:,.0f}" for costs in sizes.values()))) + " |"
        for name in next(iter(sizes.values()))
    ]
    return "\n".join(lines)


def shown(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 or number == int(number) else f"{number:.2g}"
