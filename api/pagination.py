"""Lists come in pages, each of which says where the next one begins."""

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
# A signed place in a list. The user pool's own, which operators' lists carry, are the longest.
MAX_CURSOR_CHARACTERS = 4_096


class PageQuery(serializers.Serializer[dict[str, Any]]):
    """The query parameters of every list."""

    limit = serializers.IntegerField(
        min_value=1, max_value=MAX_LIMIT, default=DEFAULT_LIMIT, help_text="How many at most."
    )
    cursor = Text(
        required=False,
        max_length=MAX_CURSOR_CHARACTERS,
        help_text="`next_cursor` of the page before; left out, the first page.",
    )


class CursorPages(CursorPagination):
    """`{"results": […], "next_cursor": "…"}`, newest first; `next_cursor` is null at the end.

    A cursor is a place in the list, not a count of rows: what is added or deleted meanwhile makes
    no row appear twice or not at all, and the last page costs no more than the first.
    """

    ordering = ("-created_at", "-id")
    _salt = "api.pagination.cursor"

    def get_page_size(self, request: Request) -> int:
        """`limit`. Raises ValidationError where it is odd, rather than quietly taking another."""
        limit: int = _page_query(request)["limit"]
        return limit

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The place that `cursor` names. Raises ValidationError for one that we did not give."""
        cursor = _page_query(request).get("cursor")
        if cursor is None:
            return None
        try:
            return Cursor(*signing.loads(cursor, salt=self._salt))
        except signing.BadSignature as error:
            raise serializers.ValidationError({"cursor": ["This is no cursor of ours."]}) from error

    def encode_cursor(self, cursor: Cursor) -> str:
        """The cursor alone, no link: an address would be made from the request's Host header.

        Signed, so that no database sees a position that is none.
        """
        return signing.dumps(tuple(cursor), salt=self._salt)

    def get_paginated_response(self, data: Any) -> Response:
        """A page."""
        return Response({"results": data, "next_cursor": self.get_next_link()})

    def get_schema_operation_parameters(self, view: object) -> list[dict[str, Any]]:
        """None: `PageQuery` describes them."""
        return []

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A page, in OpenAPI's words; `schema` is that of the list in it."""
        return {
            "type": "object",
            "required": ["results", "next_cursor"],
            "properties": {
                "results": schema,
                "next_cursor": {
                    "type": "string",
                    "nullable": True,
                    "example": "WzAsZmFsc2Us…:1vM…:q3…",
                    "description": "Send it as `cursor` for the next page; null on the last one.",
                },
            },
        }


def _page_query(request: Request) -> dict[str, Any]:
    query = PageQuery(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    validated: dict[str, Any] = query.validated_data
    return validated
