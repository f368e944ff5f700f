"""The form of the switch."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from migration import switch
from migration.attempts import Counter
from migration.conf import Configuration

ON, UNTIL, OFF = "on", "until", "off"
# Wrong passwords of one operator, and the seconds in which they count.
PASSWORD_LIMIT = (5, 900)


class SwitchForm(forms.Form):
    """What the operator decides.

    Args:
        configured: its `until` is the last moment that an operator can choose.
        operator: confirms with the password, unless `confirm` of the setting asks in another way.
    """

    choice = forms.ChoiceField(
        label=gettext_lazy("Migrate users at sign-in"), widget=forms.RadioSelect
    )
    until = forms.DateField(
        label=gettext_lazy("Last day, if earlier"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": gettext_lazy("Enter a date such as 2027-06-30.")},
    )
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, configured: Configuration, operator: Any, *args: Any) -> None:
        row = switch.current()
        chosen = OFF if row.is_off else UNTIL if row.until else ON
        super().__init__(*args)
        self.initial = {"choice": chosen, "until": row.until}
        self._operator = operator
        # The end of UNTIL is the beginning of the next day.
        self._last_day = (configured.until - timedelta(seconds=1)).date()
        last_day = date_format(self._last_day)
        choices: Any = self.fields["choice"]
        choices.choices = [
            (ON, _("Until %(day)s, as the setting of this site says") % {"day": last_day}),
            (UNTIL, _("Until an earlier day")),
            (OFF, _("No")),
        ]
        self.fields["until"].widget.attrs["max"] = self._last_day.isoformat()
        if configured.confirm is not None:
            del self.fields["password"]

    def clean(self) -> Any:
        found = super().clean() or {}
        if found.get("choice") == UNTIL and not self.errors.get("until"):
            self._check_day(found.get("until"))
        return found

    def clean_password(self) -> str:
        counter = Counter("switch", str(self._operator.pk), PASSWORD_LIMIT)
        if not self._operator.has_usable_password():
            raise forms.ValidationError(
                _("Your account has no password here, so set CONFIRM in the settings of this site.")
            )
        if not counter.allows_another():
            raise forms.ValidationError(_("Too many wrong passwords. Try again in 15 minutes."))
        if not self._operator.check_password(self.cleaned_data["password"]):
            raise forms.ValidationError(_("The password is wrong. Enter it again."))
        counter.forgive_all()
        return ""

    def decision(self) -> tuple[bool, date | None]:
        """Return whether it is off, and the last day of an operator, if there is one."""
        choice = self.cleaned_data["choice"]
        return choice == OFF, self.cleaned_data["until"] if choice == UNTIL else None

    def _check_day(self, day: date | None) -> None:
        if day is None:
            self.add_error("until", _("Enter the last day."))
        elif day > self._last_day:
            last_day = date_format(self._last_day)
            text = _("Choose %(day)s or an earlier day. Only the setting can allow more.")
            self.add_error("until", text % {"day": last_day})
        elif switch.end_of(day) <= timezone.now():
            self.add_error("until", _("This day has passed. Choose another one."))
