"""How one environment variable is declared, and read."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

# A variable that is not set has this text instead; None if it is required.
Default = str | None | Callable[[Mapping[str, Any]], str | None]


class Variable(NamedTuple):
    """The declaration of a variable.

    Attributes:
        parse: return the typed value of a text, or raise ValueError that says what was expected.
        meaning: Markdown for docs/configuration.md. Its first sentence is for .env.example.
        default: a text to parse, or a function that makes it of the values above.
        default_words: what the documentation adds to a default that is a text, or says instead of
            one that is not.
        example: what .env.example sets, if not the default.
    """

    parse: Callable[[str], Any]
    meaning: str
    default: Default
    default_words: str
    example: str

    def read(self, raw: str, values: Mapping[str, Any]) -> Any:
        """Return the typed value of `raw`, which is empty for a variable that is not set.

        Raises ValueError.
        """
        default = self.default(values) if callable(self.default) else self.default
        text = raw.strip() or default
        if text is None:
            raise ValueError("is required")
        return self.parse(text)


def variable(
    parse: Callable[[str], Any],
    meaning: str,
    *,
    default: Default = None,
    default_words: str = "",
    example: str = "",
    is_secret: bool = False,
) -> Any:
    """Declare a field of a dataclass as a Variable. A secret does not appear in the repr."""
    declared = Variable(parse, meaning, default, default_words, example)
    return dataclasses.field(metadata={"variable": declared}, repr=not is_secret)


def declared_variables(of: type[Any]) -> dict[str, Variable]:
    """Return the variables that a dataclass declares, by name and in order."""
    return {field.name: field.metadata["variable"] for field in dataclasses.fields(of)}
