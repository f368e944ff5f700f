"""What the OpenAPI document says of one method of one address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView


@dataclass(frozen=True, kw_only=True)
class Operation:
    """In `api/<package>/openapi.py`, beside the views and not in them: they load faster without.

    What can be told from the view is not repeated here: parameters, scopes, and which errors
    follow from authentication, permissions, throttles and a body.

    Attributes:
        id: the name of the function that a generator makes of it, such as `listNotes`.
        summary: one line.
        tag: the chapter it is in.
        takes: the serializer of the body.
        gives: status -> what drf-spectacular makes an answer's schema of, such as a serializer;
            None for an answer without a body.
        errors: statuses of problems that the view alone knows of.
        sent, answered: examples of the body and of the first answer in `gives`.
        headers: name -> meaning, of the first answer in `gives`.
    """

    id: str
    summary: str
    tag: str
    description: str = ""
    takes: type[BaseSerializer[Any]] | None = None
    gives: Mapping[int, Any]
    errors: frozenset[int] = frozenset()
    sent: object = None
    answered: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


Operations = Mapping[type[APIView], Mapping[str, Operation]]
"""View -> method in lower case -> operation."""
