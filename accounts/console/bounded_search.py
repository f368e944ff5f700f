"""Lists of the admin whose search and order take no more than a list needs."""

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

# As the directory's search takes. Django makes a condition of each word in each field, and SQLite
# refuses a query with a thousand of them.
MAX_SEARCH_CHARACTERS = 200


class BoundedSearchForm(ChangeListSearchForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields[SEARCH_VAR] = forms.CharField(
            required=False,
            strip=False,
            max_length=MAX_SEARCH_CHARACTERS,
            error_messages={
                "max_length": f"Search for at most {MAX_SEARCH_CHARACTERS} characters. "
                "This list is not filtered."
            },
        )


class BoundedChangeList(ChangeList):
    search_form_class = BoundedSearchForm

    def get_filters(self, request: HttpRequest) -> Any:
        """As Django's, but each parameter once: Django makes a condition of each value."""
        if any(len(values) > 1 for values in self.filter_params.values()):
            raise DisallowedModelAdminLookup("A parameter is repeated.")
        return super().get_filters(request)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """As Django's, unless the address names more columns than the list has.

        Django orders by every column as often as the address names it.
        """
        if self.params.get(ORDER_VAR, "").count(".") >= len(self.list_display):
            del self.params[ORDER_VAR]
        ordering: list[Any] = super().get_ordering(request, queryset)
        return ordering


class BoundedSearch(admin.ModelAdmin):  # type: ignore[type-arg] # not generic when it runs
    """Shows the list as it is, and a message, where a search is too long."""

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return BoundedChangeList
