"""The page in the admin: how far the migration is, what fails, and the switch."""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from migration import progress, reasons, switch
from migration.conf import Configuration, configuration
from migration.forms import SwitchForm
from migration.models import CameAlong, Failure, Switch

logger = logging.getLogger("migration")

NAME = "gatehouse_migration_switch"
MOST_FAILURES = 50
MOST_CHANGES = 5
# What the admin's log says. It is translated when the page shows it.
SWITCHED_OFF = gettext_noop("Switched off")
SWITCHED_ON = gettext_noop("Switched on")
SWITCHED_ON_UNTIL = gettext_noop("Switched on until %(day)s")


@admin.register(Switch)
class SwitchAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # not generic when it runs
    """One page. Its permissions are those to view and to change the `switch`."""

    def has_add_permission(self, _: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _: HttpRequest, __: Any = None) -> bool:
        return False

    def get_urls(self) -> Any:
        protected = self.admin_site.admin_view
        return [
            # The admin's list of applications links to this name.
            path("", protected(self.page), name=f"{NAME}_changelist"),
            path("count/", protected(self.count), name=f"{NAME}_count"),
        ]

    def page(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        try:
            configured = configuration()
        except ImproperlyConfigured as error:
            return self._rendered(request, {"problem": str(error)}, status=503)
        if request.method == "POST":
            return self._switch(request, configured)
        return self._shown(request, configured, SwitchForm(configured, request.user))

    def count(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        try:
            progress.count(configuration(), seconds=progress.COUNT_SECONDS)
        except progress.TookTooLong:
            text = _("The database did not count in time. Run manage.py migration_progress.")
            messages.warning(request, text)
        except ImproperlyConfigured as error:
            messages.error(request, str(error))
        return HttpResponseRedirect(_address())

    def _switch(self, request: HttpRequest, configured: Configuration) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        if configured.confirm is not None:
            answer = configured.confirm(request)
            if answer is not None:
                return answer  # type: ignore[no-any-return]
        form = SwitchForm(configured, request.user, request.POST)
        if not form.is_valid():
            return self._shown(request, configured, form)
        is_off, until = form.decision()
        Switch.objects.update_or_create(pk=1, defaults={"is_off": is_off, "until": until})
        self._record(request, is_off, until)
        text = (
            _("No user is migrated at sign-in any more.")
            if is_off
            else _("Users are migrated at sign-in.")
        )
        messages.success(request, text)
        return HttpResponseRedirect(_address())

    def _record(self, request: HttpRequest, is_off: bool, until: Any) -> None:
        """Write the decision to the admin's log, and to that of the site."""
        if is_off:
            text, day = SWITCHED_OFF, ""
        else:
            text, day = (SWITCHED_ON_UNTIL, until.isoformat()) if until else (SWITCHED_ON, "")
        content_type = ContentType.objects.get_for_model(Switch)
        LogEntry.objects.create(
            user_id=request.user.pk or 0,
            content_type=content_type,
            object_id="1",
            object_repr=str(Switch(pk=1))[:200],
            action_flag=CHANGE,
            change_message=text % {"day": day},
        )
        logger.warning("User %s of the admin: %s.", request.user.pk, text % {"day": day})

    def _shown(
        self, request: HttpRequest, configured: Configuration, form: SwitchForm
    ) -> HttpResponse:
        row = switch.current()
        is_late = row.counted_at is None or timezone.now() - row.counted_at > progress.FRESH
        took_too_long = False
        if is_late:
            try:
                progress.count(configured, seconds=progress.COUNT_SECONDS)
            except progress.TookTooLong:
                took_too_long = True
            else:
                row = switch.current()
        end = switch.ends_with(configured, is_off=row.is_off, until=row.until)
        return self._rendered(
            request,
            {
                "row": row,
                "end": end,
                "last_day": end - timedelta(seconds=1),
                "has_ended": end <= timezone.now(),
                "setting_ended": configured.until <= timezone.now(),
                "took_too_long": took_too_long,
                "figures": _figures(row),
                "reasons": _reasons(row),
                "failures": _failures(request, self.admin_site),
                "changes": _changes(),
                "form": form,
                "may_change": self.has_change_permission(request),
            },
            status=400 if form.errors else 200,
        )

    def _rendered(
        self, request: HttpRequest, context: dict[str, Any], *, status: int = 200
    ) -> HttpResponse:
        everything = {
            **self.admin_site.each_context(request),
            "title": _("Migration of users"),
            "opts": self.opts,
            **context,
        }
        template = "gatehouse_migration/page.html"
        return TemplateResponse(request, template, everything, status=status)


def _address() -> str:
    return reverse(f"admin:{NAME}_changelist")


def _figures(row: Switch) -> list[dict[str, Any]]:
    """Return the numbers with their names. Nothing if they were never counted."""
    found = row.figures
    if not found:
        return []
    ways = found["ways"]
    came = sum(ways.values())
    detail = ", ".join(
        f"{ways[way]} {label}" for way, label in CameAlong.Way.choices if ways.get(way)
    )
    figures = [
        {"name": _("Migrated"), "number": came, "detail": detail},
        {"name": _("Left"), "number": found["left"], "detail": _("can be migrated")},
    ]
    if "silent" in found:
        detail = _("left, and have not signed in here for so long")
        figures.append(
            {"name": _("Silent for 90 days"), "number": found["silent"], "detail": detail}
        )
    detail = _("inactive, or without an address or a usable password")
    figures.append({"name": _("Cannot be migrated"), "number": found["unable"], "detail": detail})
    share = came / (came + found["left"]) if came + found["left"] else 0
    figures[0]["share"] = int(share * 100)
    return figures


def _reasons(row: Switch) -> list[dict[str, Any]]:
    return [
        {
            "reason": _(reason),
            "advice": _(reasons.ADVICE[reason]) if reason in reasons.ADVICE else "",
            "users": users,
            "attempts": attempts,
        }
        for reason, users, attempts in row.figures.get("reasons", ())
    ]


def _failures(request: HttpRequest, site: Any) -> list[dict[str, Any]]:
    """Return the latest failures of users who are known."""
    rows = (
        Failure.objects.filter(user__isnull=False)
        .order_by("-last_at")
        .select_related("user")[:MOST_FAILURES]
    )
    return [
        {
            "user": str(row.user),
            "address": _page_of(request, row.user, site),
            "reason": _(row.reason),
            "count": row.count,
            "last_at": row.last_at,
        }
        for row in rows
    ]


def _page_of(request: HttpRequest, user: Any, site: Any) -> str:
    """Return the address of the user's page in the admin, if the operator may see it."""
    options = user._meta
    # Django 4.2 has no public way to ask.
    page = site._registry.get(user.__class__)  # noqa: SLF001
    if page is None or not page.has_view_or_change_permission(request, user):
        return ""
    with suppress(NoReverseMatch):
        name = f"{site.name}:{options.app_label}_{options.model_name}_change"
        return reverse(name, args=[user.pk])
    return ""


def _changes() -> list[dict[str, Any]]:
    """Return who used the switch, the latest first."""
    content_type = ContentType.objects.get_for_model(Switch)
    rows = LogEntry.objects.filter(content_type=content_type).select_related("user")
    return [
        {"at": row.action_time, "user": str(row.user), "what": _translated(row.change_message)}
        for row in rows.order_by("-action_time")[:MOST_CHANGES]
    ]


def _translated(message: str) -> str:
    found = re.fullmatch(SWITCHED_ON_UNTIL % {"day": "(.+)"}, message)
    return _(SWITCHED_ON_UNTIL) % {"day": found[1]} if found else _(message)
