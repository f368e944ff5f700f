"""Limits for the search, the filters and the order of the lists of the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.views.main import (
    ORDER_VAR,
    SEARCH_VAR,
    ChangeList,
    ChangeListSearchForm,
)
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.console import navigation

# The directory's search has the same limit. Django adds a condition for each word and each field,
# and SQLite refuses a query with a thousand conditions.
MAX_SEARCH_CHARACTERS = 200


class BoundedSearchForm(ChangeListSearchForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields[SEARCH_VAR] = forms.CharField(
            required=False,
            strip=False,
            max_length=MAX_SEARCH_CHARACTERS,
            error_messages={
                "max_length": f"The search text has more than {MAX_SEARCH_CHARACTERS} characters, "
                "so the list is not filtered. Shorten the text and search again."
            },
        )


class BoundedChangeList(ChangeList):
    search_form_class = BoundedSearchForm

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Django's title tells the operator to select something. Most lists are for reading.
        self.title = navigation.name_of(self.model)

    def get_filters(self, request: HttpRequest) -> Any:
        """Return Django's filters. Refuse repeated parameters, each of which adds a condition."""
        if any(len(values) > 1 for values in self.filter_params.values()):
            raise DisallowedModelAdminLookup("The address repeats a parameter.")
        return super().get_filters(request)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Return Django's order, or the default if the address names too many columns.

        Django orders by a column as often as the address names it.
        """
        if self.params.get(ORDER_VAR, "").count(".") >= len(self.list_display):
            del self.params[ORDER_VAR]
        ordering: list[Any] = super().get_ordering(request, queryset)
        return ordering


class BoundedSearch(admin.ModelAdmin):  # type: ignore[type-arg] # not generic when it runs
    """Shows the unfiltered list and a message if the search text is too long."""

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return BoundedChangeList
