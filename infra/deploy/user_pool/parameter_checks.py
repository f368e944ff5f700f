"""Check parameters against their declarations in a template, all at once.

CloudFormation itself reports only the first invalid parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any


def parameter_problems(document: Mapping[str, Any], parameters: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each invalid parameter. It shows the value, which is never a secret."""
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
    """Return what was expected; empty if `text` is valid."""
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
