"""Adds the directory to the admin: its addresses, and its entry in the list of models."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path

from accounts import pool_names  # noqa: F401 # registers `admin_key`
from accounts.console.directory import (
    bulk_views,
    group_views,
    list_views,
    person_views,
    user_views,
)
from accounts.models import Directory


@admin.register(Directory)
class DirectoryAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # not generic when it runs
    """Replaces all of Django's views, because the model has no table."""

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("", guarded(list_views.user_list), name="accounts_directory_changelist"),
            path("details/", guarded(list_views.user_details), name="accounts_directory_details"),
            path("invite/", guarded(user_views.invite), name="accounts_directory_invite"),
            path("bulk/", guarded(bulk_views.bulk), name="accounts_directory_bulk"),
            path("groups/", guarded(group_views.group_list), name="accounts_directory_groups"),
            path(
                "groups/<admin_key:name>/",
                guarded(group_views.group_detail),
                name="accounts_directory_group",
            ),
            path(
                "groups/<admin_key:name>/edit/",
                guarded(group_views.group_edit),
                name="accounts_directory_group_edit",
            ),
            path(
                "groups/<admin_key:name>/delete/",
                guarded(group_views.group_delete),
                name="accounts_directory_group_delete",
            ),
            path(
                "users/<admin_key:username>/",
                guarded(person_views.user_detail),
                name="accounts_directory_user",
            ),
            path(
                "users/<admin_key:username>/<slug:action_name>/",
                guarded(user_views.user_action),
                name="accounts_directory_action",
            ),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Directory | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Directory | None = None) -> bool:
        return False
