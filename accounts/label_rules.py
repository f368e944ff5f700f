"""Validators for the names of users and groups."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cognito.attributes.labels import INVISIBLE, shown


def visible(text: str) -> None:
    """Raise ValidationError for text with an invisible character."""
    if shown(text) != text:
        raise ValidationError(
            _("This contains invisible characters. Type it instead of pasting it.")
        )


# The OpenAPI document contains these patterns. `visible` checks what they cannot express.
visible_characters = RegexValidator(
    rf"^[^{INVISIBLE}]*\Z",
    gettext_lazy("Write visible characters in one line. Type them instead of pasting them."),
)
# Small and full-width at signs as well.
_AT = r"@\ufe6b\uff20"
person_name = RegexValidator(
    rf"^[^\s{_AT}{INVISIBLE}]([^{_AT}{INVISIBLE}]*[^\s{_AT}{INVISIBLE}])?\Z",
    gettext_lazy(
        "Write a name in one line of visible characters, without @ and without a space at either "
        "end."
    ),
)
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html
group_name = RegexValidator(
    rf"^[^\s{INVISIBLE}]+\Z", gettext_lazy("Write a name of visible characters without spaces.")
)
