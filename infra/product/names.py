"""The names of a product, in place of Gatehouse's: in texts, and in paths of files."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from infra.errors import InfraError

# The name of this project, which a product does not keep.
OURS = "gatehouse"
_OURS = re.compile(OURS, re.IGNORECASE)

# A name is written into Python, YAML, TOML, JSON, HTML, Markdown and shell commands, so it has no
# character that means something there. SITE_NAME may have any.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ -][A-Za-z0-9]+)*")
MAXIMUM_NAME = 30
# Stacks, buckets and the domain of the hosted UI begin with it. The bound leaves them room.
_PACKAGE = re.compile(r"[a-z][a-z0-9]{1,15}")
# https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
_NOT_IN_A_DOMAIN = ("aws", "amazon", "cognito")


@dataclass(frozen=True)
class Names:
    """What a product is called: `Acme Portal` for people, `acme` for programs."""

    name: str
    package: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.name) > MAXIMUM_NAME:
            raise InfraError(
                f"The name {self.name!r} is invalid: expected letters from A to Z, digits, and "
                f"single spaces or hyphens between them, and at most {MAXIMUM_NAME} characters. "
                "SITE_NAME may have others."
            )
        if not _PACKAGE.fullmatch(self.package) or keyword.iskeyword(self.package):
            raise InfraError(
                f"The package {self.package!r} is invalid: expected 2 to 16 lower-case letters and "
                "digits, with a letter first, and no keyword of Python."
            )
        for word in _NOT_IN_A_DOMAIN:
            if word in self.package:
                raise InfraError(
                    f"The package {self.package!r} is invalid: Cognito allows no domain with "
                    f'"{word}" in it.'
                )

    def in_text(self, text: str) -> str:
        """Return the text with the product's names."""
        return _OURS.sub(self._word, text)

    def in_path(self, path: PurePosixPath) -> PurePosixPath:
        return PurePosixPath(_OURS.sub(self.package, str(path)))

    def _word(self, match: re.Match[str]) -> str:
        word = match[0]
        if word.isupper():
            return self.package.upper()
        if word.islower():
            return self.package
        before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
        # A part of an identifier, or of a word such as Gatehouse-demo.
        if _is_of_an_identifier(before) or _is_of_an_identifier(after) or after == "-":
            return self.package.capitalize()
        return self.name


def _is_of_an_identifier(character: str) -> bool:
    return character.isalnum() or character == "_"
