"""Copy the part of botocore's service model that our operations need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.loaders import Loader

SERVICE = "cognito-idp"

_OPERATION_KEYS = ("input", "output", "errors", "authtype", "auth")
# A password may contain spaces, but neither begin nor end with one. The model lacks the second part
# of the pattern that the reference has.
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html
_CORRECTED = {"PasswordType": {"pattern": r"[\S]+.*[\S]+"}}
_TEXTS = ("documentation", "exception", "error", "deprecatedMessage", "deprecatedSince")


def service_model() -> Mapping[str, Any]:
    """Return all of botocore's model."""
    model: Mapping[str, Any] = Loader().load_service_model(SERVICE, "service-2")
    return model


def extract(operations: Iterable[str]) -> dict[str, Any]:
    """Return the operations with the shapes that they refer to. Raises KeyError for an unknown one.

    Our own operations, which no service model has, are left to the caller.
    """
    model = service_model()
    chosen = {
        name: {key: model["operations"][name][key] for key in _OPERATION_KEYS if key in described}
        for name in sorted(operations)
        for described in (model["operations"][name],)
    }
    shapes: dict[str, Any] = {}
    for operation in chosen.values():
        operation["errors"] = sorted(error["shape"] for error in operation.get("errors", ()))
        for part in ("input", "output"):
            if part in operation:
                operation[part] = {"shape": operation[part]["shape"]}
                _collect(model["shapes"], operation[part]["shape"], shapes)
    return {"operations": chosen, "shapes": dict(sorted(shapes.items()))}


def _collect(all_shapes: Mapping[str, Any], name: str, into: dict[str, Any]) -> None:
    if name in into:
        return
    into[name] = _without_texts(all_shapes[name]) | _CORRECTED.get(name, {})
    for other in _references(all_shapes[name]):
        _collect(all_shapes, other, into)


def _references(shape: Mapping[str, Any]) -> Iterator[str]:
    for member in shape.get("members", {}).values():
        yield member["shape"]
    for part in ("member", "key", "value"):
        if part in shape:
            yield shape[part]["shape"]


def _without_texts(thing: Any) -> Any:
    if isinstance(thing, dict):
        return {key: _without_texts(value) for key, value in thing.items() if key not in _TEXTS}
    return thing
