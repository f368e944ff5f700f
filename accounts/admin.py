"""What operators see of people here. The truth about users is in the user pool: read-only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from accounts import (
    audit,
    audit_admin,  # noqa: F401 # registers itself
    sessions,
    sign_outs,
)
from accounts.directory import admin as directory_admin  # noqa: F401 # registers itself
from accounts.directory import rights
from accounts.doors import signed_in_user
from accounts.models import BrowserSession, User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # not generic when it runs
    """Everyone who has signed in. Only `active` can be changed: it closes the door here."""

    list_display = ("display_name", "email", "is_staff", "is_active", "last_login", "created_at")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name", "username", "sub")
    ordering = ("-created_at",)
    fields = (
        "name",
        "email",
        "email_verified",
        "username",
        "sub",
        "issuer",
        "is_active",
        "is_staff",
        "is_superuser",
        "created_at",
        "last_login",
    )
    readonly_fields = tuple(name for name in fields if name != "is_active")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Not their own row, and nobody's who has more rights than they."""
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or (obj != request.user and _reaches(request, obj))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        switched = audit.Action.SWITCH_ON_USER if obj.is_active else audit.Action.SWITCH_OFF_USER
        if "is_active" in form.changed_data:
            audit.record(
                request,
                switched,
                audit.Outcome.SUCCESS,
                actor=signed_in_user(request),
                subject=obj,
            )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(BrowserSession)
class BrowserSessionAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # not generic when it runs
    """Signed-in devices. Deleting one signs it out, bearer tokens of the same sign-in included."""

    list_display = ("user", "browser_name", "signed_in_at", "last_seen_at")
    search_fields = ("user__email", "user__name", "user__sub")
    ordering = ("-last_seen_at",)
    fields = ("user", "browser_name", "user_agent", "signed_in_at", "last_seen_at", "renewed_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: BrowserSession | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: BrowserSession | None = None
    ) -> bool:
        """Of nobody who has more rights than they."""
        if not super().has_delete_permission(request, obj):
            return False
        return obj is None or _reaches(request, obj.user)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """None for several: each takes a call to Cognito, and the directory has "sign out"."""
        return {}

    def delete_model(self, request: HttpRequest, obj: BrowserSession) -> None:
        ended = sessions.end(obj.pk)
        if ended is None:
            return
        audit.record(
            request,
            audit.Action.SIGN_OUT_DEVICE,
            audit.Outcome.SUCCESS,
            actor=signed_in_user(request),
            subject=ended.user,
        )
        sign_outs.sign_out_device(ended)


admin.site.unregister(Group)


@admin.register(Group)
class SuperusersGroupAdmin(GroupAdmin):
    """What members of a group may do: whoever could change that could give themselves anything."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return _is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return _is_superuser(request)


def _is_superuser(request: HttpRequest) -> bool:
    return signed_in_user(request).is_superuser


def _reaches(request: HttpRequest, user: User) -> bool:
    """Whether the operator has all rights that the user has."""
    return rights.of_row(signed_in_user(request)).cover(rights.of_row(user))
