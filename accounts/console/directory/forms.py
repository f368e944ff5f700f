"""The forms of the directory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from accounts.console.directory import words
from accounts.console.directory.actions import ACTIONS, Argument, UserAction
from accounts.label_rules import group_name, person_name, visible
from accounts.password_rules import not_common
from cognito.attributes import phone_numbers, usernames
from cognito.directory.records import MAX_PRECEDENCE, STATUSES
from cognito.directory.search import DISABLED, ENABLED, Search

FIELD_LABELS = {
    "email": "E-mail",
    "name": "Name",
    "phone_number": "Phone",
    "username": "User name",
    "sub": "Sub",
}
_CHOICE_LABELS = {
    Argument.GROUP: "Group",
    Argument.FACTOR: "Second factor",
    Argument.SESSION: "Session",
    Argument.DEVICE: "Device",
}


class UnrepeatedInput(forms.PasswordInput):
    """Shows the text while the operator types it, but never a value that was sent."""

    input_type = "text"


class SearchForm(forms.Form):
    """The search in the list of users. Its values are in the address of the page."""

    field = forms.ChoiceField(
        label="Search in", choices=list(FIELD_LABELS.items()), required=False, initial="email"
    )
    begins = forms.CharField(label="Begins with", required=False, max_length=200)
    status = forms.ChoiceField(
        label="Status",
        required=False,
        choices=[
            ("", "Any"),
            (ENABLED, "Enabled"),
            (DISABLED, "Disabled"),
            *((status, words.STATUSES[status]) for status in STATUSES),
        ],
    )

    def search(self) -> Search:
        """Return the search of a valid form."""
        wanted = self.cleaned_data
        return Search(wanted["field"] or "email", wanted["begins"], wanted["status"])


class InvitationForm(forms.Form):
    """The details of a new user."""

    email = forms.EmailField(
        label="E-mail address", max_length=usernames.MAX_CHARACTERS, validators=[visible]
    )
    name = forms.CharField(
        label="Name", required=False, max_length=255, validators=[person_name, visible]
    )
    phone_number = forms.CharField(
        label="Phone number",
        required=False,
        max_length=phone_numbers.MAX_CHARACTERS,
        validators=[RegexValidator(phone_numbers.PATTERN, phone_numbers.MESSAGE)],
    )


class GroupEditForm(forms.Form):
    """The details of a group that operators can change."""

    description = forms.CharField(
        label="Description", required=False, max_length=2048, validators=[visible]
    )
    precedence = forms.IntegerField(
        label="Precedence",
        required=False,
        min_value=0,
        max_value=MAX_PRECEDENCE,
        help_text="If a user is in several groups with an AWS role, the group with the lowest "
        "number decides the role. A group without a number comes after all others.",
    )


class GroupForm(GroupEditForm):
    """The details of a new group."""

    field_order = ("name", "description", "precedence")

    name = forms.CharField(
        label="Name",
        max_length=128,
        validators=[group_name, visible],
    )


class ActionForm(forms.Form):
    """The argument of an action, if it takes one."""

    def __init__(
        self, action: UserAction, *args: Any, choices: Sequence[tuple[str, str]], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        match action.argument:
            case Argument.GROUP | Argument.FACTOR | Argument.SESSION | Argument.DEVICE:
                self.fields["argument"] = forms.ChoiceField(
                    label=_CHOICE_LABELS[action.argument], choices=choices
                )
            case Argument.PASSWORD:
                self.fields["argument"] = forms.CharField(
                    label="Temporary password",
                    max_length=256,
                    strip=False,
                    validators=[not_common],
                    widget=UnrepeatedInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
                )
            case Argument.CONFIRMATION:
                self.fields["argument"] = forms.CharField(
                    label="The user's e-mail address, to confirm",
                    max_length=320,
                    widget=UnrepeatedInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
                )

    @property
    def argument(self) -> str:
        """Return the argument from a valid form."""
        return str(self.cleaned_data.get("argument", ""))


class BulkForm(forms.Form):
    """The action that an operator applies to the selected users."""

    action = forms.ChoiceField(
        choices=[(one.name, one.label) for one in ACTIONS.values() if one.in_bulk]
    )
