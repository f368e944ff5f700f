"""What requests and answers look like, from botocore's own model of the service.

`service_model.json` is the part of botocore's model that our operations need, without its texts.
MiniStack pins an older botocore, which lacks some of them. `python -m local_cognito.aws.model`
writes the file, with the botocore of the environment that runs it (`.venvs/app`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("service_model.json")

Shape = Mapping[str, Any]


@cache
def _model() -> Mapping[str, Any]:
    model: Mapping[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return model


def operation_names() -> frozenset[str]:
    return frozenset(_model()["operations"])


def shape(name: str) -> Shape:
    found: Shape = _model()["shapes"][name]
    return found


def input_shape(operation: str) -> str:
    name: str = _model()["operations"][operation]["input"]["shape"]
    return name


def output_shape(operation: str) -> str | None:
    """Return the name of the answer's shape; None if the operation answers nothing."""
    output = _model()["operations"][operation].get("output")
    return output["shape"] if output else None


def is_unsigned(operation: str) -> bool:
    """Return whether clients call the operation without AWS credentials."""
    authentication: Mapping[str, Any] = _model()["operations"][operation]
    return authentication.get("authtype") == "none" or authentication.get("auth") == [
        "smithy.api#noAuth"
    ]
