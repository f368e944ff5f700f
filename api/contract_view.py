"""Checks that all views of the API share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, cast

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.schemas.inspectors import ViewInspector
from rest_framework.settings import APISettings
from rest_framework.views import APIView

from api.authentication import CognitoAuthentication
from api.strict_members import MAX_NAMED, named
from api.wire.defaults import REST_FRAMEWORK
from api.wire.negotiation import JSONOnly
from api.wire.parsers import StrictJSONParser

# These types let a subclass replace the values of ContractView.
Authentication = Sequence[type[BaseAuthentication]]
Permissions = Sequence[type[BasePermission]]
QuerySerializers = tuple[type[serializers.Serializer[Any]], ...]


class DescribedInOpenAPI(ViewInspector):
    """Gives a view its description. The class is imported only for the OpenAPI document."""

    def __get__(self, instance: Any, owner: Any) -> Any:
        schema = owner.settings.DEFAULT_SCHEMA_CLASS()
        schema.view = instance
        return schema


class ContractView(APIView):
    """The base of all views of the API.

    It needs no REST_FRAMEWORK setting, because a project can have views with other rules.

    Attributes:
        takes_query: the serializers of the query parameters of `GET`. Unknown parameters are
            refused, like unknown members of a body, because a misspelt filter would otherwise show
            everything.
    """

    takes_query: ClassVar[QuerySerializers] = ()

    settings = APISettings(cast("Any", REST_FRAMEWORK))
    authentication_classes: Authentication = (CognitoAuthentication,)
    permission_classes: Permissions = (IsAuthenticated,)
    parser_classes = (StrictJSONParser,)
    renderer_classes = (JSONRenderer,)
    throttle_classes = ()
    content_negotiation_class = JSONOnly
    metadata_class = None
    # Otherwise `Allow` would list OPTIONS, which is a 405 because there is no metadata class.
    http_method_names = ("get", "head", "post", "put", "patch", "delete")
    versioning_class = None
    schema = DescribedInOpenAPI()

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
