"""The forms of the directory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy

from accounts.console.directory import words
from accounts.console.directory.actions import ACTIONS, Argument, UserAction
from accounts.label_rules import group_name, person_name, visible
from cognito.attributes import phone_numbers, usernames
from cognito.directory.records import MAX_PRECEDENCE, STATUSES
from cognito.directory.search import DISABLED, ENABLED, Search

FIELD_LABELS = {
    "email": gettext_lazy("E-mail"),
    "name": gettext_lazy("Name"),
    "given_name": gettext_lazy("First name"),
    "family_name": gettext_lazy("Last name"),
    "phone_number": gettext_lazy("Phone"),
    "username": gettext_lazy("User name"),
    "preferred_username": gettext_lazy("Preferred user name"),
    "sub": gettext_lazy("Sub"),
}
_CHOICE_LABELS = {
    Argument.GROUP: gettext_lazy("Group"),
    Argument.FACTOR: gettext_lazy("Second factor"),
    Argument.SESSION: gettext_lazy("Session"),
    Argument.DEVICE: gettext_lazy("Device"),
}


class UnrepeatedInput(forms.PasswordInput):
    """Shows the text while the operator types it, but never a value that was sent."""

    input_type = "text"


class SearchForm(forms.Form):
    """The search in the list of users. Its values are in the address of the page."""

    q = forms.CharField(
        label=gettext_lazy("Find a person"),
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "autocomplete": "off",
                "placeholder": gettext_lazy("Name, e-mail, phone, user name or sub"),
            }
        ),
    )
    field = forms.ChoiceField(
        label=gettext_lazy("Search in"),
        choices=[("", gettext_lazy("Everything")), *FIELD_LABELS.items()],
        required=False,
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[
            ("", gettext_lazy("Any")),
            (ENABLED, gettext_lazy("Enabled")),
            (DISABLED, gettext_lazy("Disabled")),
            *((status, words.STATUSES[status]) for status in STATUSES),
        ],
    )

    @property
    def text(self) -> str:
        """Return what a valid form searches for. Empty if it searches for no person."""
        return str(self.cleaned_data.get("q", ""))

    @property
    def status_name(self) -> str:
        return str(self.cleaned_data.get("status", ""))

    def search(self) -> Search | None:
        """Return the search of a valid form in one attribute; None if it is in all of them."""
        field = self.cleaned_data.get("field", "")
        if self.text and not field:
            return None
        return Search(field or "email", self.text, self.status_name)


class InvitationForm(forms.Form):
    """The details of a new user."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=usernames.MAX_CHARACTERS,
        validators=[visible],
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=255,
        validators=[person_name, visible],
    )
    phone_number = forms.CharField(
        label=gettext_lazy("Phone number"),
        required=False,
        max_length=phone_numbers.MAX_CHARACTERS,
        validators=[RegexValidator(phone_numbers.PATTERN, gettext_lazy(phone_numbers.MESSAGE))],
    )


class GroupEditForm(forms.Form):
    """The details of a group that operators can change."""

    description = forms.CharField(
        label=gettext_lazy("Description"), required=False, max_length=2048, validators=[visible]
    )
    precedence = forms.IntegerField(
        label=gettext_lazy("Precedence"),
        required=False,
        min_value=0,
        max_value=MAX_PRECEDENCE,
        help_text=gettext_lazy(
            "If a user is in several groups with an AWS role, the group with the lowest number "
            "decides the role. A group without a number comes after all others."
        ),
    )


class GroupForm(GroupEditForm):
    """The details of a new group."""

    field_order = ("name", "description", "precedence")

    name = forms.CharField(
        label=gettext_lazy("Name"),
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
            case Argument.CONFIRMATION:
                self.fields["argument"] = forms.CharField(
                    label=gettext_lazy("The user's e-mail address, to confirm"),
                    max_length=320,
                    widget=UnrepeatedInput(
                        attrs={
                            "autocomplete": "off",
                            "spellcheck": "false",
                        }
                    ),
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
