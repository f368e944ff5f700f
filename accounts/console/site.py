"""The operators' door: no password form, only the hosted UI and a Cognito group."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, reverse

from accounts.sessions.guards import sign_in_first
from accounts.sign_in.next_url import safe_next_path

# Django's own forms for passwords, because these users have none, and its redirect to an object's
# page: no model has one, and an identifier of the wrong form ends in an error there.
LEFT_OUT = frozenset({"password_change", "password_change_done", "view_on_site"})


class GatehouseAdminSite(AdminSite):
    site_header = "Gatehouse"
    site_title = "Gatehouse"
    index_title = "Operations"

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Anonymous visitors go to the hosted UI; whoever came from there without rights, 403."""
        wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
        target = safe_next_path(wanted, default=reverse("admin:index"))
        if self.has_permission(request):
            return HttpResponseRedirect(target)
        if request.user.is_authenticated:
            raise PermissionDenied
        return sign_in_first(request, next_path=target)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """With counts for whoever may see what is counted."""
        from accounts.console import dashboard  # noqa: PLC0415 # it imports models

        context = dict(extra_context or {})
        if request.user.has_perm("accounts.view_auditevent"):
            context["dashboard"] = dashboard.now() | {"charts": dashboard.charts()}
        return super().index(request, context)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """As Django's, with two guards of our own in front of every view but the sign-out.

        Users without staff rights get a 403 here, and no write gets to its view
        before the user pool has confirmed the operator's rights.
        """
        if view == self.logout:
            # Django's guard redirects a user without staff rights to the index, still signed in. A
            # session whose claims are too old has no staff rights either.
            return view

        @wraps(view)
        def judged(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            from accounts.console.directory.admin_guard import refusal  # noqa: PLC0415 # it imports models

            return refusal(request) or view(request, *args, **kwargs)

        guarded = super().admin_view(judged, cacheable)

        @wraps(guarded)
        def outer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            # PostgreSQL refuses a NUL wherever a list would filter by it.
            if "%00" in request.META["QUERY_STRING"]:
                raise BadRequest
            if self.has_permission(request):
                return guarded(request, *args, **kwargs)
            if request.user.is_authenticated:
                # Django would redirect to the sign-in, which is no help to a signed-in user.
                raise PermissionDenied
            # Django's own redirect repeats the address, however long it is.
            return sign_in_first(request, next_path=request.get_full_path())

        return outer

    def logout(  # type: ignore[override] # Django answers with a page, the contract with a redirect
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The one way out: the admin's button has to end the hosted UI's session as well."""
        from accounts.sign_out.views import sign_out  # noqa: PLC0415 # views import models

        return sign_out(request)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            pattern
            for pattern in super().get_urls()
            if getattr(pattern, "name", None) not in LEFT_OUT
        ]
