"""The description of views for drf-spectacular: `DEFAULT_SCHEMA_CLASS` of the framework."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Literal

from django.conf import settings
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.serializers import BaseSerializer, ModelSerializer

from api.account_fields import NewPassword
from api.challenges import required_scopes
from api.openapi import problems
from api.openapi.operations import OPERATIONS
from api.openapi.patterns import in_ecmascript
from api.operation import Operation
from api.permissions import InSession
from api.recent_authentication import RequiresRecentAuthentication
from api.session_authentication import SessionOrBearer
from api.strict_members import StrictMembers

Direction = Literal["request", "response"]

WITHOUT_NUL = "^[^\\u0000]*$"
# Path parameters that are names of the pool: accounts/pool_names.py.
POOL_NAMES = frozenset({"username", "name"})
ABOUT_POOL_NAMES = (
    "Write `~7E` for `~`, and `~2F` for `/`, because proxies and servers decode `%2F` too early. "
    "Any other byte may also be written as `~` and two upper-case hexadecimal digits, such as "
    "`~2E~2E` for a name that is `..`. Percent-encode the result."
)
RECENT_SIGN_IN = (
    "Needs a recent sign-in. A token whose sign-in is older gets 401 "
    "`insufficient_user_authentication`, and `WWW-Authenticate` says how recent it must be."
)
# A string with one of these keywords already limits its characters.
CLOSED = frozenset({"pattern", "format", "enum"})


class Schema(AutoSchema):
    """Describes a view by its `Operation`, and by what follows from the view itself."""

    @property
    def _operation(self) -> Operation:
        return OPERATIONS[type(self.view)][self.method.lower()]

    def is_excluded(self) -> bool:
        """Return whether the operation has no description."""
        return self.method.lower() not in OPERATIONS.get(type(self.view), {})

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return the operation with references to its errors."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            # The empty list declares that the operation needs no credentials.
            operation.setdefault("security", [])
            for status, response in operation["responses"].items():
                response["description"] = HTTPStatus(int(status)).phrase
            for parameter in operation.get("parameters", []):
                if "enum" in parameter["schema"]:
                    # drf-spectacular guesses it, but the empty string can be one of the choices.
                    parameter["schema"].pop("minLength", None)
                if parameter["name"] in POOL_NAMES and parameter["in"] == "path":
                    parameter["description"] = ABOUT_POOL_NAMES
                    parameter["schema"] = {"type": "string"}
            for status in sorted(self._error_statuses(operation)):
                operation["responses"][str(status)] = problems.reference(status)
        return operation

    def _error_statuses(self, operation: dict[str, Any]) -> set[int]:
        # Every request can be malformed, and every dependency can be unavailable.
        statuses = {400, 503, *self._operation.errors}
        if self.view.get_authenticators():
            statuses.add(401)
        if self._takes_cookie():
            statuses.add(HTTPStatus.GONE.value)
            if self.method not in SAFE_METHODS:
                # The body of every such request has to be JSON, whatever the view reads.
                statuses |= {403, 415}
        if any(not isinstance(one, IsAuthenticated) for one in self.view.get_permissions()):
            statuses.add(403)
        if "requestBody" in operation:
            statuses |= {413, 415}
        if any(parameter["in"] == "path" for parameter in operation.get("parameters", [])):
            statuses.add(404)
        if self.view.get_throttles():
            statuses.add(429)
        return statuses

    def _takes_cookie(self) -> bool:
        return any(isinstance(one, SessionOrBearer) for one in self.view.get_authenticators())

    def get_operation_id(self) -> str:
        """Return the id. `Operation` documents it and the members below."""
        return self._operation.id

    def get_summary(self) -> str:
        return self._operation.summary

    def get_description(self) -> str:  # type: ignore[override] # as drf-spectacular does
        description = self._operation.description
        permissions = self.view.get_permissions()
        if any(isinstance(one, RequiresRecentAuthentication) for one in permissions):
            return f"{description}\n\n{RECENT_SIGN_IN}".strip()
        return description

    def get_tags(self) -> list[str]:
        return [self._operation.tag]

    def get_request_serializer(self) -> Any:
        return self._operation.takes

    def get_response_serializers(self) -> Any:
        return dict(self._operation.gives)

    def get_override_parameters(self) -> list[Any]:
        """Return the query parameters, and the headers of the response."""
        first = next(iter(self._operation.gives))
        headers = [
            OpenApiParameter(
                name,
                str,
                OpenApiParameter.HEADER,
                required=True,
                description=text,
                response=[first],
            )
            for name, text in self._operation.headers.items()
        ]
        query = getattr(self.view, "takes_query", ()) if self.method == "GET" else ()
        return [*query, *headers]

    def get_serializer_name(self, serializer: Any, direction: Direction) -> str:
        """Return the name without drf-spectacular's suffix for request bodies."""
        name = super().get_serializer_name(serializer, direction)
        return name.removesuffix("Request")

    def get_examples(self) -> list[OpenApiExample]:
        operation = self._operation
        first = str(next(iter(operation.gives)))
        sent = {"example": operation.sent, **operation.more_sent}
        answered = {"example": operation.answered, **operation.more_answered}
        return [
            OpenApiExample(name, value, request_only=True)
            for name, value in sent.items()
            if value is not None
        ] + [
            OpenApiExample(name, value, response_only=True, status_codes=[first])
            for name, value in answered.items()
            if value is not None
        ]

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return the schemes: a bearer token, the hosted UI with the required scopes, or a cookie.

        The cookie is a scheme of views that ask for it, and needs the CSRF token to change things.
        """
        if not self.view.get_authenticators():
            return []
        permissions = self.view.get_permissions()
        scopes = list(required_scopes(self.view))
        session: dict[str, list[str]] = {"session": []}
        if self.method not in SAFE_METHODS:
            session["csrf"] = []
        if any(isinstance(one, InSession) for one in permissions):
            return [session]
        tokens: list[dict[str, list[str]]] = [{"bearer": []}, {"cognito": scopes}]
        return [*tokens, session] if self._takes_cookie() else tokens

    def _map_basic_serializer(
        self, serializer: BaseSerializer[Any], direction: Direction
    ) -> dict[str, Any]:
        schema: dict[str, Any]
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if direction == "request":
            for name, member in schema.get("properties", {}).items():
                if isinstance(getattr(serializer, "fields", {}).get(name), NewPassword):
                    member["minLength"] = settings.COGNITO_PASSWORD_MIN_LENGTH
                if member.get("type") == "string" and member.keys().isdisjoint(CLOSED):
                    # DRF refuses NUL in every text, because databases do.
                    member["pattern"] = WITHOUT_NUL
                for variant in (member, *member.get("oneOf", ())):
                    if "pattern" in variant:
                        variant["pattern"] = in_ecmascript(variant["pattern"])
                    if variant is not member and "default" in variant:
                        # A blank default matches the other variant, not the pattern.
                        member["default"] = variant.pop("default")
            if isinstance(serializer, StrictMembers):
                schema["additionalProperties"] = False
        if direction == "response" and isinstance(serializer, ModelSerializer):
            # A row has every column, including those that a request may omit.
            schema["required"] = sorted(schema["properties"])
        return schema
