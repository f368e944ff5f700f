"""What the names of users and groups may be made of, wherever a user types one in."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from cognito.attributes.labels import INVISIBLE, shown


def visible(text: str) -> None:
    """Raises ValidationError for a text with an invisible character in it."""
    if shown(text) != text:
        raise ValidationError(
            "This has characters in it that no reader sees. Type it, instead of pasting it."
        )


# At signs in full width and in small letters as well.
_AT = r"@\ufe6b\uff20"
# A rule that a client can read in the OpenAPI document. `visible` adds what no pattern there says.
person_name = RegexValidator(
    rf"^[^\s{_AT}{INVISIBLE}]([^{_AT}{INVISIBLE}]*[^\s{_AT}{INVISIBLE}])?\Z",
    "Write a name in one line of visible characters, without @ and without a space at either end.",
)
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html
group_name = RegexValidator(
    rf"^[^\s{INVISIBLE}]+\Z", "Write a name of visible characters, none of them a space."
)
