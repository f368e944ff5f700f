"""Checks that all views of the API share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from api.strict_members import MAX_NAMED, named

QuerySerializers = tuple[type[serializers.Serializer[Any]], ...]


class ContractView(APIView):
    """The base of all views of the API.

    Attributes:
        takes_query: the serializers of the query parameters of `GET`. Unknown parameters are
            refused, like unknown members of a body, because a misspelt filter would otherwise show
            everything.
    """

    takes_query: ClassVar[QuerySerializers] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Run the checks of the framework, then raise ValidationError for unknown parameters."""
        super().initial(request, *args, **kwargs)
        # Most requests have no query string. A method that the view lacks is a 405.
        if not request.META.get("QUERY_STRING") or not hasattr(self, str(request.method).lower()):
            return
        takes = self.takes_query if request.method in SAFE_METHODS else ()
        refuse_unknown_parameters(request.query_params, takes)


def refuse_unknown_parameters(query: QueryDict, takes: Iterable[Any]) -> None:
    """Raise ValidationError that names the parameters which are unknown or repeated."""
    known = {name for serializer in takes for name in serializer().fields}
    errors = {
        named(name): [
            "This parameter is repeated. Send it once."
            if name in known
            else "This parameter is unknown. Remove it."
        ]
        for name, values in query.lists()
        if name not in known or len(values) > 1
    }
    if errors:
        raise serializers.ValidationError(dict(list(errors.items())[:MAX_NAMED]))
