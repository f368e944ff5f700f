"""Regular expressions of Python as OpenAPI understands them: in the dialect of ECMA-262."""

from __future__ import annotations

import re

# What Python takes for space and ECMAScript does not (its WhiteSpace and LineTerminator).
_SPACES = r"\s\u001c-\u001f\u0085"


def in_ecmascript(pattern: str) -> str:
    r"""The same pattern, with `\s` and `\S` outside and `\s` inside of brackets spelt out.

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
