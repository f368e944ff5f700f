"""What each chart of the front page shows, and which events of the trail its bars count."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.console.overview import counts
from accounts.models import AuditEvent

Words = str | Promise
Query = tuple[tuple[str, str], ...]

_SIGN_IN: Query = (("action__exact", AuditEvent.Action.SIGN_IN),)
_FAILURE: Query = (("outcome__exact", AuditEvent.Outcome.FAILURE),)
_SUCCESS: Query = (("outcome__exact", AuditEvent.Outcome.SUCCESS),)


@dataclass(frozen=True, slots=True)
class Series:
    """A part of each bar. `query` filters the trail by the counted events.

    Attributes:
        tone: the class of the bar's colour.
    """

    key: str
    name: Words
    tone: str
    query: Query


@dataclass(frozen=True, slots=True)
class Plan:
    """What a chart shows.

    Attributes:
        is_rise_bad: whether more of it is worse.
        figure: the series whose total is the chart's figure, if not all of them are.
    """

    key: str
    title: Words
    series: tuple[Series, ...]
    note: Words = ""
    is_rise_bad: bool = False
    figure: tuple[str, ...] = ()


SIGN_INS = Plan(
    "sign-ins",
    _("Sign-ins"),
    (
        Series(counts.SIGN_INS, _("Successful"), "main", _SIGN_IN + _SUCCESS),
        Series(counts.FAILED_SIGN_INS, _("Failed"), "bad", _SIGN_IN + _FAILURE),
    ),
    _(
        "By browser and by API. A wrong password at the hosted UI is known only to Cognito: "
        "a failure counts here when the hosted UI or the API reports it to this site."
    ),
    figure=(counts.SIGN_INS,),
)
NEW_USERS = Plan(
    "new-users",
    _("New users"),
    (
        Series(
            counts.FIRST_SIGN_INS,
            _("First sign-in by browser"),
            "main",
            (("action__exact", AuditEvent.Action.FIRST_SIGN_IN), *_SUCCESS),
        ),
        Series(
            counts.SIGN_UPS,
            _("Sign-up by API"),
            "second",
            (("action__exact", AuditEvent.Action.SIGN_UP), *_SUCCESS),
        ),
    ),
    _(
        "An account that was created at the hosted UI counts when its user first signs in here. "
        "A user who signed up by API, and then signs in by browser, counts in both."
    ),
    figure=(counts.FIRST_SIGN_INS,),
)
OTHER_FAILURES = Plan(
    "other-failures",
    _("Other failures"),
    (
        Series(
            counts.OTHER_FAILURES,
            _("Failed"),
            "bad",
            (*_FAILURE, ("without", AuditEvent.Action.SIGN_IN)),
        ),
    ),
    _("All failures of the trail except sign-ins: refused and failed actions."),
    is_rise_bad=True,
)
REFUSED = Plan(
    "refused",
    _("Refused requests"),
    (
        Series(counts.INVALID, _("Invalid token (401)"), "bad", _FAILURE),
        Series(counts.DENIED, _("Denied (403)"), "main", _FAILURE),
        Series(counts.LIMITED, _("Rate limit (429)"), "second", _FAILURE),
    ),
    _(
        "Counted in memory and kept for 30 days, without an event of their own: a process that "
        "ends loses its last seconds. The links show the failures of the same time."
    ),
    is_rise_bad=True,
)
PLANS = (SIGN_INS, NEW_USERS, OTHER_FAILURES, REFUSED)
