"""Translate regular expressions of Python to ECMA-262, which OpenAPI uses."""

from __future__ import annotations

import re

# Characters that are white space in Python but not in ECMAScript.
_SPACES = r"\s\u001c-\u001f\u0085"


def in_ecmascript(pattern: str) -> str:
    r"""Return the pattern with `\s` spelt out, and `\S` as well outside of brackets.

    Source: https://tc39.es/ecma262/#sec-compiletocharset
    """
    translated, in_brackets = [], False
    for piece in re.findall(r"\\.|.", pattern, re.DOTALL):
        if piece in {"[", "]"}:
            in_brackets = piece == "["
        if piece == r"\s":
            translated.append(_SPACES if in_brackets else f"[{_SPACES}]")
        elif piece == r"\S" and not in_brackets:
            translated.append(f"[^{_SPACES}]")
        else:
            translated.append(piece)
    return "".join(translated)
