"""Search boxes of the admin's lists that take no more than a name or an address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList, ChangeListSearchForm
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


class BoundedSearch(admin.ModelAdmin):  # type: ignore[type-arg] # not generic when it runs
    """Shows the list as it is, and a message, where a search is too long."""

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return BoundedChangeList
