"""The base of every list in the admin: it takes the look-ups that it declares, and no others.

Django's admin filters by any column of a model that the address of a page names. That
reads hidden columns bit by bit (`?refresh_token__startswith=`), and runs regular expressions of a
visitor's choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from accounts.console.bounded_search import MAX_SEARCH_CHARACTERS, BoundedSearch

MAX_TEXT = 255
# What any time zone can be reckoned with on both databases.
YEARS = range(1970, 2201)


class DeclaredLookups(BoundedSearch):
    """The base of a model's admin.

    Attributes:
        lookups: the look-ups that the list takes from its address, each with the check of a value.
            Those of `list_filter` are among them. Any other is a 400.
    """

    lookups: ClassVar[Mapping[str, Callable[[str], bool]]] = {}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        is_valid = self.lookups.get(lookup)
        return is_valid is not None and is_valid(value)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """As Django's; the autocomplete view has no form that bounds the term."""
        if len(search_term) > MAX_SEARCH_CHARACTERS:
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)


def is_flag(value: str) -> bool:
    """Whether Django's filter of a Boolean field gives this value."""
    return value in {"0", "1"}


def is_text(value: str) -> bool:
    return 0 < len(value) <= MAX_TEXT


def is_time(value: str) -> bool:
    """Whether it is a time, with its zone, that every database can compare with."""
    try:
        moment = parse_datetime(value)
    except ValueError:
        return False
    return moment is not None and moment.tzinfo is not None and moment.year in YEARS
