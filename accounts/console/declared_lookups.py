"""The base of every list in the admin. It accepts only the look-ups that it declares.

Django's admin filters by any column of a model that the address of a page names. An attacker could
so guess a hidden column character by character (`?refresh_token__startswith=`), or have the
database run an expensive regular expression.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from accounts.console.bounded_search import MAX_SEARCH_CHARACTERS, BoundedSearch

MAX_TEXT = 255
# Times in these years can be converted to any time zone on both databases.
YEARS = range(1970, 2201)


class DeclaredLookups(BoundedSearch):
    """The base of a model's admin.

    Attributes:
        lookups: the look-ups that the list accepts from its address, each with a check of the
            value. They include those of `list_filter`. Any other look-up gets a 400.
    """

    # Each facet would cost another count of rows.
    show_facets = admin.ShowFacets.NEVER
    lookups: ClassVar[Mapping[str, Callable[[str], bool]]] = {}

    @property
    def media(self) -> forms.Media:
        """Return no scripts. Django's are 600 KB with jQuery, for bulk actions and pop-ups."""
        return forms.Media()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        is_valid = self.lookups.get(lookup)
        return is_valid is not None and is_valid(value)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search as Django does, but bound the term: the autocomplete view has no form for that."""
        if len(search_term) > MAX_SEARCH_CHARACTERS:
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)


def is_flag(value: str) -> bool:
    """Return whether Django's filter of a Boolean field uses this value."""
    return value in {"0", "1"}


def is_text(value: str) -> bool:
    return 0 < len(value) <= MAX_TEXT


def is_time(value: str) -> bool:
    """Return whether the value is a time with its zone that every database can compare."""
    try:
        moment = parse_datetime(value)
    except ValueError:
        return False
    return moment is not None and moment.tzinfo is not None and moment.year in YEARS
