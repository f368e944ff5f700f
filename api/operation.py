"""The description of one operation in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one view, described in `api/<package>/openapi.py`.

    Descriptions are not in the modules of the views, so that the views load faster. The view itself
    supplies the parameters, the scopes, and the errors that follow from authentication,
    permissions, rate limits and a body.

    Attributes:
        id: the function name in generated clients, such as `listNotes`.
        summary: one line.
        tag: the section of the document.
        takes: the serializer of the request body.
        gives: status -> the source of the response schema for drf-spectacular, such as a
            serializer. None stands for a response without a body.
        errors: statuses of further problems, which do not follow from the view.
        sent, answered: examples of the request body and of the first response in `gives`.
        more_sent, more_answered: name -> further examples of them.
        headers: name -> meaning, for the first response in `gives`.
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
    more_sent: Mapping[str, object] = field(default_factory=dict)
    more_answered: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


Operations = Mapping[type[APIView], Mapping[str, Operation]]
"""View -> method in lower case -> operation."""
