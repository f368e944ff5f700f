"""The form above the audit trail, and the filters that only links set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.console.audit import filters
from accounts.console.bounded_search import MAX_SEARCH_CHARACTERS, BoundedChangeList
from accounts.models import AuditEvent

Words = str | Promise
Action = AuditEvent.Action

# The rest of the actions are those of operators.
SIGN_IN = (
    Action.SIGN_IN,
    Action.FIRST_SIGN_IN,
    Action.STEP_UP,
    Action.RENEWAL,
    Action.SIGN_OUT,
    Action.SIGN_OUT_DEVICE,
    Action.SIGN_OUT_OTHERS,
    Action.SIGN_OUT_EVERYWHERE,
)
OWN_ACCOUNT = (
    Action.SIGN_UP,
    Action.CONFIRMATION,
    Action.PASSWORD_RESET,
    Action.PASSWORD_CHANGE,
    Action.PROFILE_CHANGE,
    Action.EMAIL_CHANGE,
    Action.PHONE_CHANGE,
    Action.DATA_DOWNLOAD,
    Action.PASSKEY_ON,
    Action.PASSKEY_OFF,
    Action.TOTP_ON,
    Action.TOTP_OFF,
    Action.ACCOUNT_DELETION,
    Action.GROUP_CHANGE,
)


class FilterForm(forms.Form):
    """Shows the filters of the list. The admin reads and checks them, so this is never bound."""

    def __init__(self, shown: Mapping[str, str], *, query: str) -> None:
        moments = {
            name: _as_field(shown[name]) for name in (filters.FROM, filters.UNTIL) if name in shown
        }
        super().__init__(initial={**shown, **moments, "q": query}, label_suffix="")
        # Names such as `from` cannot be attributes of a class.
        self.fields = {
            "q": forms.CharField(
                label=_("Person"),
                widget=forms.TextInput(
                    attrs={
                        "type": "search",
                        "maxlength": MAX_SEARCH_CHARACTERS,
                        "aria-describedby": "search-help",
                    }
                ),
            ),
            "action__exact": forms.ChoiceField(label=_("Action"), choices=_actions()),
            "outcome__exact": forms.ChoiceField(
                label=_("Result"), choices=[("", _("Any result")), *AuditEvent.Outcome.choices]
            ),
            filters.FROM: _moment_field(_("From"), shown.get(filters.FROM, "")),
            filters.UNTIL: _moment_field(_("To"), shown.get(filters.UNTIL, "")),
        }


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that the form has no field for, and the query without it.

    `name` and `value` are the parameter, which the form keeps.
    """

    label: Words
    text: Words
    name: str
    value: str
    remove: str


def chips(listed: BoundedChangeList, events: Sequence[AuditEvent]) -> list[Chip]:
    """Return a chip for each filter that a link has set.

    Args:
        events: of the page. They have the labels of users.
    """
    labels: dict[str, Words] = {
        "subject_sub": _("Subject"),
        "actor_sub": _("Actor"),
        filters.WITHOUT: _("Without"),
        "at__gte": _("From"),
        "at__lt": _("Before"),
    }
    return [
        Chip(
            label,
            _text(name, listed.params[name], events),
            name,
            listed.params[name],
            listed.get_query_string(remove=[name, "p"]) or "?",
        )
        for name, label in labels.items()
        if name in listed.params
    ]


def _text(name: str, value: str, events: Sequence[AuditEvent]) -> Words:
    if name == filters.WITHOUT:
        return Action(value).label
    if name.endswith("_sub") and events:
        return getattr(events[0], name.replace("_sub", "_label")) or value
    return value


def _actions() -> list[Any]:
    others = [one for one in Action if one not in SIGN_IN + OWN_ACCOUNT]
    return [
        ("", _("Any action")),
        (_("Signing in and out"), [(one, one.label) for one in SIGN_IN]),
        (_("A user's own account"), [(one, one.label) for one in OWN_ACCOUNT]),
        (_("Operators"), [(one, one.label) for one in others]),
    ]


def _as_field(shown: str) -> str:
    """Return a time as the browser's field takes it: a day, or a minute of UTC."""
    return f"{filters.moment(shown):%Y-%m-%dT%H:%M}" if "T" in shown else shown


def _moment_field(label: Words, shown: str) -> forms.CharField:
    """Return a field for a day, or for a minute if the address names one."""
    kind = "datetime-local" if "T" in shown else "date"
    return forms.CharField(label=str(label), widget=forms.DateInput(attrs={"type": kind}))
