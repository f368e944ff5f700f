"""The forms on the pages of a user's own account."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.label_rules import person_name, visible
from accounts.password_rules import not_common
from cognito.attributes import phone_numbers, usernames

# Cognito's own limit.
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ChangePassword.html
MAX_PASSWORD_CHARACTERS = 256
# Cognito's codes have six digits. A pool with its own sender of messages can have others.
MAX_CODE_CHARACTERS = 64
MAX_NAME_CHARACTERS = 255
# People write numbers with spaces, hyphens and parentheses.
_BETWEEN_DIGITS = re.compile(r"[\s().\-\u2010-\u2013]+")
_MAX_WRITTEN_NUMBER = 40


class Text(forms.CharField):
    """A text whose length is checked before any other work on it."""

    def to_python(self, value: Any) -> str:
        """Return the text. Raise ValidationError if it is too long."""
        if isinstance(value, str) and self.max_length is not None and len(value) > self.max_length:
            raise ValidationError(
                gettext("Use at most %(limit)d characters.") % {"limit": self.max_length}
            )
        return str(super().to_python(value) or "")


class Password(Text):
    """A password, unchanged: leading and trailing spaces are part of it."""

    def __init__(self, *, autocomplete: str, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(max_length=MAX_PASSWORD_CHARACTERS, strip=False, widget=widget, **options)


class CodeInput(forms.PasswordInput):
    """Shows a code while the user types it, but never one that was sent."""

    input_type = "text"


class NameForm(forms.Form):
    """The name of a user."""

    name = Text(
        label=_("Name"),
        required=False,
        max_length=MAX_NAME_CHARACTERS,
        validators=[person_name, visible],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Other people can see it. Leave it empty to remove your name."),
    )


class EmailForm(forms.Form):
    """A new e-mail address."""

    email = Text(
        label=_("New e-mail address"),
        max_length=usernames.MAX_CHARACTERS,
        validators=[visible],
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, current: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.current = current

    def clean_email(self) -> str:
        """Return the normalised address. Raise ValidationError unless it is a new address."""
        email = usernames.normalised(forms.EmailField().clean(self.cleaned_data["email"]))
        if email == usernames.normalised(self.current):
            raise ValidationError(gettext("This is your address already. Enter another one."))
        return email


class PhoneForm(forms.Form):
    """A telephone number."""

    phone_number = Text(
        label=_("Phone number"),
        required=False,
        max_length=_MAX_WRITTEN_NUMBER,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=_(
            "With the country code, such as +44 1632 960000. Leave it empty to remove your number."
        ),
    )

    def clean_phone_number(self) -> str:
        """Return the number in the form that Cognito accepts, or an empty text."""
        number = _BETWEEN_DIGITS.sub("", self.cleaned_data["phone_number"])
        if number:
            RegexValidator(
                phone_numbers.PATTERN,
                gettext("Write the number with its country code, such as +44 1632 960000."),
            )(number)
        return number


class CodeForm(forms.Form):
    """A code that was sent to an address or a number."""

    code = Text(
        label=_("Code"),
        max_length=MAX_CODE_CHARACTERS,
        widget=CodeInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        """Return the code without the spaces that mails and apps show in it."""
        return "".join(self.cleaned_data["code"].split())


class PasswordForm(forms.Form):
    """A new password, with the old one if the user has one."""

    field_order = ("old_password", "new_password", "repeated_password", "ends_others")

    new_password = Password(label=_("New password"), autocomplete="new-password")
    repeated_password = Password(label=_("New password again"), autocomplete="new-password")
    ends_others = forms.BooleanField(
        label=_("Sign out all my other devices"), required=False, initial=True
    )

    def __init__(self, *args: Any, has_password: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if has_password:
            self.fields["old_password"] = Password(
                label=_("Current password"), autocomplete="current-password"
            )
            self.order_fields(self.field_order)

    def clean_new_password(self) -> str:
        """Return the new password. Raise ValidationError for the first rule that it breaks."""
        password: str = self.cleaned_data["new_password"]
        least = settings.COGNITO_PASSWORD_MIN_LENGTH
        if len(password) < least:
            raise ValidationError(gettext("Use at least %(least)d characters.") % {"least": least})
        not_common(password)
        return password

    def clean(self) -> dict[str, Any]:
        """Compare both new passwords."""
        given = self.cleaned_data
        first, second = given.get("new_password"), given.get("repeated_password")
        if first and second and first != second:
            self.add_error(
                "repeated_password", gettext("The new passwords differ. Enter it again.")
            )
        return given


class DeletionForm(forms.Form):
    """The text with which a user confirms the deletion of the account."""

    typed = Text(
        max_length=320,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, expected: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.expected = expected
        self.fields["typed"].label = gettext("Type %(text)s to confirm") % {"text": expected}

    def clean_typed(self) -> str:
        """Return the text. Raise ValidationError if it is another one."""
        typed: str = self.cleaned_data["typed"]
        if typed.casefold() != self.expected.casefold():
            raise ValidationError(
                gettext("This is not the text above. Nothing was deleted. Enter it again.")
            )
        return typed
