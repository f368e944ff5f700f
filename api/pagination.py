"""Cursor pagination of lists."""

from __future__ import annotations

from typing import Any

from django.core import signing
from rest_framework import serializers
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import Text

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
# The longest cursors are those of operators' lists, which contain a cursor of the user pool.
MAX_CURSOR_CHARACTERS = 4_096


class PageQuery(serializers.Serializer[dict[str, Any]]):
    """The query parameters of every list."""

    limit = serializers.IntegerField(
        min_value=1,
        max_value=MAX_LIMIT,
        default=DEFAULT_LIMIT,
        help_text="The maximum number of results.",
    )
    cursor = Text(
        required=False,
        max_length=MAX_CURSOR_CHARACTERS,
        help_text="`next_cursor` of the previous page. Omit it for the first page.",
    )


class CursorPages(CursorPagination):
    """`{"results": […], "next_cursor": "…"}`, newest first; `next_cursor` is null at the end.

    A cursor is a position in the list, not a count of rows. So no row is repeated or skipped when
    others are added or deleted meanwhile, and the last page costs no more than the first.
    """

    ordering = ("-created_at", "-id")
    _salt = "api.pagination.cursor"

    def get_page_size(self, request: Request) -> int:
        """Return `limit`. Raise ValidationError if it is invalid; DRF would use the default."""
        limit: int = _page_query(request)["limit"]
        return limit

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return the position in `cursor`. Raise ValidationError if its signature is invalid."""
        cursor = _page_query(request).get("cursor")
        if cursor is None:
            return None
        try:
            return Cursor(*signing.loads(cursor, salt=self._salt))
        except signing.BadSignature as error:
            raise serializers.ValidationError(
                {"cursor": ["This cursor is invalid. Send a `next_cursor` from this list."]}
            ) from error

    def encode_cursor(self, cursor: Cursor) -> str:
        """Return the signed cursor.

        It is not a link, because a link would contain the request's Host header. The signature
        keeps invalid positions away from the database.
        """
        return signing.dumps(tuple(cursor), salt=self._salt)

    def get_paginated_response(self, data: Any) -> Response:
        """Return a page."""
        return Response({"results": data, "next_cursor": self.get_next_link()})

    def get_schema_operation_parameters(self, view: object) -> list[dict[str, Any]]:
        """Return no parameters, because `PageQuery` describes them."""
        return []

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schema of a page. `schema` is that of the list in it."""
        return {
            "type": "object",
            "required": ["results", "next_cursor"],
            "properties": {
                "results": schema,
                "next_cursor": {
                    "type": "string",
                    "nullable": True,
                    "example": "WzAsZmFsc2Us…:1vM…:q3…",
                    "description": "Send it as `cursor` for the next page. Null on the last page.",
                },
            },
        }


def _page_query(request: Request) -> dict[str, Any]:
    query = PageQuery(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    validated: dict[str, Any] = query.validated_data
    return validated
