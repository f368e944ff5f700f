"""What operators see of people here. The truth about users is in the user pool: read-only."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from accounts.directory import admin as directory_admin  # noqa: F401 # registers itself
from accounts.models import AuditEvent, BrowserSession, User


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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(BrowserSession)
class BrowserSessionAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # not generic when it runs
    """Signed-in devices. Deleting one signs it out."""

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


@admin.register(AuditEvent)
class AuditEventAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # not generic when it runs
    """The trail. Nobody changes it, superusers included."""

    list_display = ("at", "action", "outcome", "subject", "actor", "address", "detail")
    list_filter = ("action", "outcome")
    search_fields = ("subject_label", "subject_sub", "actor_label", "actor_sub")
    date_hierarchy = "at"
    ordering = ("-at",)
    show_full_result_count = False
    readonly_fields = (
        "at",
        "action",
        "outcome",
        "detail",
        "subject_label",
        "subject_sub",
        "actor_label",
        "actor_sub",
        "address",
        "user_agent",
        "request_id",
    )
    fields = readonly_fields

    @admin.display(description="Whom", ordering="subject_label")
    def subject(self, event: AuditEvent) -> str:
        return event.subject_label

    @admin.display(description="By", ordering="actor_label")
    def actor(self, event: AuditEvent) -> str:
        """Empty for people's own doings, which are nearly all."""
        return event.actor_label if event.actor_sub != event.subject_sub else ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False
