"""The admin site. Operators sign in with the hosted UI, and a Cognito group gives them access."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, reverse

from accounts.console import navigation
from accounts.sessions.guards import sign_in_first
from accounts.sign_in.next_url import safe_next_path

# Django's password forms, because users have no password here. And Django's redirect to an object's
# page on the site: no model has such a page, and a malformed identifier causes an error there.
LEFT_OUT = frozenset({"password_change", "password_change_done", "view_on_site"})


class GatehouseAdminSite(AdminSite):
    index_title = navigation.OVERVIEW
    # The sidebar is our own, in admin/parts/sidebar.html, and needs no script.
    enable_nav_sidebar = False

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the site's own name and the sidebar to the context of every page."""
        name = settings.SITE_NAME
        context = super().each_context(request)
        sidebar = navigation.sections(request, context["available_apps"])
        return context | {
            "site_header": name,
            "site_title": name,
            "sidebar": sidebar,
            "sidebar_item": navigation.current(sidebar),
        }

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Name the lists as the sidebar does."""
        apps: list[Any] = super().get_app_list(request, app_label)
        for app in apps:
            for model in app["models"]:
                label = f"{app['app_label']}.{model['object_name']}"
                model["name"] = navigation.NAMES.get(label, model["name"])
        return apps

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect visitors to the hosted UI. Refuse signed-in users without rights with a 403."""
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
        """Add the overview for operators who may see audit events."""
        from accounts.console.overview import front_page  # noqa: PLC0415 # it imports models

        context = dict(extra_context or {})
        if request.user.has_perm("accounts.view_auditevent"):
            context |= front_page.context(request)
        return super().index(request, context)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Add two guards to Django's own in front of every view except the sign-out.

        Users without staff rights get a 403. A write reaches its view only after the user pool has
        confirmed the operator's rights.
        """
        if view == self.logout:
            # Django's guard would redirect a user without staff rights to the index, still signed
            # in. A session whose claims are too old has no staff rights either.
            return view

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            from accounts.console.directory.admin_guard import refusal  # noqa: PLC0415 # it imports models

            return refusal(request) or view(request, *args, **kwargs)

        guarded = super().admin_view(checked, cacheable)

        @wraps(guarded)
        def outer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            # PostgreSQL refuses a query with a NUL in a filter value.
            if "%00" in request.META["QUERY_STRING"]:
                raise BadRequest
            if self.has_permission(request):
                return guarded(request, *args, **kwargs)
            if request.user.is_authenticated:
                # Django would redirect to the sign-in, which does not help a signed-in user.
                raise PermissionDenied
            # Django's redirect would repeat the address without a limit on its length.
            return sign_in_first(request, next_path=request.get_full_path())

        return outer

    def logout(  # type: ignore[override] # Django answers with a page, the contract with a redirect
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sign out as everywhere on the site, so that the session of the hosted UI ends as well."""
        from accounts.sign_out.views import sign_out  # noqa: PLC0415 # views import models

        return sign_out(request)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            pattern
            for pattern in super().get_urls()
            if getattr(pattern, "name", None) not in LEFT_OUT
        ]
