"""Whether parameters are what a template allows: in our words, and all of them at once.

CloudFormation says the same of the first one only, and names no place to put it right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any


def parameter_problems(document: Mapping[str, Any], parameters: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each. Values themselves are shown: none of them is a secret."""
    declared: Mapping[str, Mapping[str, Any]] = document["Parameters"]
    for name in sorted(parameters.keys() - declared.keys()):
        yield f"there is no parameter {name}: there are {', '.join(sorted(declared))}"
    for name, declaration in declared.items():
        if name in parameters:
            if expected := _objection(declaration, parameters[name]):
                yield f"{name}: {_shown(parameters[name])}: expected {expected}"
        elif "Default" not in declaration:
            yield f"{name} is missing"


def _objection(declaration: Mapping[str, Any], text: str) -> str:
    """What was expected instead; empty where `text` will do."""
    meant: str = declaration.get("ConstraintDescription", "")
    allowed = declaration.get("AllowedValues")
    if allowed and text not in allowed:
        return f"one of {', '.join(allowed)}"
    pattern = declaration.get("AllowedPattern")
    if pattern and not re.fullmatch(pattern, text):
        return meant or f"something like {pattern}"
    if declaration["Type"] == "Number" and not (
        re.fullmatch(r"[0-9]{1,9}", text)
        and declaration["MinValue"] <= int(text) <= declaration["MaxValue"]
    ):
        return meant
    return ""


def _shown(text: str) -> str:
    shown = 60
    return text if len(text) <= shown else f"{text[:shown]}…"
