"""Check requests and answers against the service model.

The rules are those of AWS: a wrong JSON type is a SerializationException, and a missing member or a
broken constraint an InvalidParameterException. Messages name the member and never its value.

https://smithy.io/2.0/spec/constraint-traits.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from local_cognito.aws import model
from local_cognito.aws.service_errors import InvalidParameter, MalformedRequest

# Unicode categories of Java, which Python's `re` lacks. Both appear inside brackets: all letters,
# marks, symbols, numbers and punctuation, and all separators.
_CATEGORIES = {
    r"\p{L}\p{M}\p{S}\p{N}\p{P}": (
        r"!-~\u00a1-\u167f\u1681-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\U0010ffff"
    ),
    r"\p{Z}": r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}
_PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
    "blob": str,
}


def check_request(operation: str, request: object) -> None:
    """Raises MalformedRequest or InvalidParameter."""
    _check(model.input_shape(operation), request, "")


def check_answer(operation: str, answer: object) -> None:
    """Raises MalformedRequest or InvalidParameter, which here are mistakes of an operation."""
    name = model.output_shape(operation)
    if name is None:
        if answer != {}:
            raise MalformedRequest("This operation has no answer.")
        return
    _check(name, answer, "")
    unknown = set(answer) - set(model.shape(name)["members"])  # type: ignore[call-overload]
    if unknown:
        raise MalformedRequest(f"The model has no member {', '.join(sorted(unknown))}.")


def _check(name: str, value: object, path: str) -> None:
    shape = model.shape(name)
    kind = shape["type"]
    # In Python, a boolean is also an int.
    if not isinstance(value, _PYTHON_TYPES[kind]) or (
        isinstance(value, bool) and kind != "boolean"
    ):
        raise MalformedRequest(f"The value at '{path or name}' must be of type {kind}.")
    _CHECKS.get(kind, _check_nothing)(shape, value, path)


def _check_structure(shape: model.Shape, value: Any, path: str) -> None:
    for name in shape.get("required", ()):
        if value.get(name) is None:
            raise _violation(_inside(path, name), "Member must not be null")
    # Like AWS, ignore unknown members.
    for name, member in shape["members"].items():
        if value.get(name) is not None:
            _check(member["shape"], value[name], _inside(path, name))


def _check_map(shape: model.Shape, value: Any, path: str) -> None:
    _check_bounds(shape, len(value), path)
    for key, item in value.items():
        _check(shape["key"]["shape"], key, f"{path}.key")
        _check(shape["value"]["shape"], item, f"{path}.value")


def _check_list(shape: model.Shape, value: Any, path: str) -> None:
    _check_bounds(shape, len(value), path)
    for number, item in enumerate(value, start=1):
        _check(shape["member"]["shape"], item, f"{path}.{number}.member")


def _check_string(shape: model.Shape, value: Any, path: str) -> None:
    _check_bounds(shape, len(value), path)
    if "enum" in shape and value not in shape["enum"]:
        values = ", ".join(shape["enum"])
        raise _violation(path, f"Member must satisfy enum value set: [{values}]")
    pattern = shape.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        raise _violation(path, f"Member must satisfy regular expression pattern: {pattern}")


def _check_number(shape: model.Shape, value: Any, path: str) -> None:
    _check_bounds(shape, value, path)


def _check_blob(shape: model.Shape, value: Any, path: str) -> None:
    try:
        size = len(base64.b64decode(value, validate=True))
    except ValueError:
        raise MalformedRequest(f"The value at '{path}' is not base64.") from None
    _check_bounds(shape, size, path)


def _check_nothing(shape: model.Shape, value: Any, path: str) -> None:
    pass


_CHECKS: dict[str, Callable[[model.Shape, Any, str], None]] = {
    "structure": _check_structure,
    "map": _check_map,
    "list": _check_list,
    "string": _check_string,
    "integer": _check_number,
    "long": _check_number,
    "blob": _check_blob,
}


def _check_bounds(shape: Mapping[str, Any], size: float, path: str) -> None:
    kind = "value" if shape["type"] in {"integer", "long"} else "length"
    if "max" in shape and size > shape["max"]:
        raise _violation(path, f"Member must have {kind} less than or equal to {shape['max']}")
    if "min" in shape and size < shape["min"]:
        raise _violation(path, f"Member must have {kind} greater than or equal to {shape['min']}")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    for java, python in _CATEGORIES.items():
        pattern = pattern.replace(java, python)
    # As in Java, \w and \s are those of ASCII.
    return re.compile(pattern, re.ASCII)


def _inside(path: str, name: str) -> str:
    """Return a member's path as AWS writes it: in lower camel case."""
    member = name[:1].lower() + name[1:]
    return f"{path}.{member}" if path else member


def _violation(path: str, constraint: str) -> InvalidParameter:
    return InvalidParameter(
        f"1 validation error detected: Value at '{path}' failed to satisfy constraint: {constraint}"
    )
