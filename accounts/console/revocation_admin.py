"""The revocation list in the admin: tokens that are refused despite a valid signature."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.console.declared_lookups import DeclaredLookups
from accounts.console.overview.attention import unconfirmed
from accounts.models import Revocation
from accounts.process.revocation_list import EVERYONE


class Confirmed(admin.SimpleListFilter):
    """Shows the sign-outs that Cognito has not confirmed."""

    title = _("confirmation")
    parameter_name = "confirmed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("Not confirmed by Cognito"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Revocation]
    ) -> QuerySet[Revocation]:
        return unconfirmed(queryset) if self.value() == "no" else queryset


@admin.register(Revocation)
class RevocationAdmin(DeclaredLookups):
    """A read-only list. Sign-outs create revocations, and a revocation cannot be undone."""

    list_display = ("revoked", "signed_in_until", "created_at", "expires_at")
    list_display_links = ("created_at",)
    list_filter = (Confirmed,)
    lookups: ClassVar = {"confirmed": frozenset({"no"}).__contains__}
    search_fields = ("sub",)
    change_list_template = "admin/revocations.html"
    ordering = ("-created_at",)
    show_full_result_count = False
    fields = ("revoked", "issuer", "signed_in_until", "created_at", "expires_at")
    readonly_fields = fields

    @admin.display(description=_("Refused"))
    def revoked(self, revocation: Revocation) -> SafeString | str:
        """Return the revoked sign-in by the beginning of its `origin_jti`, or the revoked user."""
        if revocation.origin_jti:
            return gettext("One sign-in, %(id)s…") % {"id": revocation.origin_jti[:8]}
        if revocation.sub == EVERYONE:
            return gettext("Every sign-in of all users")
        address = reverse("admin:accounts_directory_user", args=[revocation.sub])
        link = format_html('<a href="{}">{}</a>', address, revocation.sub)
        return format_html(gettext("Every sign-in of {}"), link)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Revocation], search_term: str
    ) -> tuple[QuerySet[Revocation], bool]:
        """Search for complete identifiers only."""
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(Q(sub=term) | Q(origin_jti=term)), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Revocation | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Revocation | None = None) -> bool:
        return False
