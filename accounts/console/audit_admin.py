"""The audit trail in the admin. Operators can search, filter and export it, but not change it."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.audit import export as audit_export
from accounts.audit import trail
from accounts.console.declared_lookups import DeclaredLookups, is_text, is_time
from accounts.console.directory.current_operator import count_request
from accounts.console.directory.errors import TooManyActions
from accounts.console.directory.pages import problem_page
from accounts.models import AuditEvent, User
from accounts.sessions.guards import signed_in_user
from accounts.step_up.guards import confirm_first

# The last page of the list ends here. Operators find older events with a filter or a search.
MAX_COUNTED = 10_000
# A search includes the events of at most this number of users whose name or address matches.
MAX_USERS = 50


class CountsSomeOnly(Paginator):  # type: ignore[type-arg] # not generic when it runs
    """Counts at most MAX_COUNTED rows, because counting a million rows would delay the list."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[AuditEvent] = self.object_list  # type: ignore[assignment] # of a changelist
        return rows.order_by()[:MAX_COUNTED].count()


class TimeFilter(admin.DateFieldListFilter):
    """Filters by time, under the heading "By time"."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "time"


@admin.register(AuditEvent)
class AuditEventAdmin(DeclaredLookups):
    """The read-only list of audit events, also for superusers."""

    list_display = ("when", "action", "outcome", "subject", "actor", "detail", "address")
    # These filters have fixed choices. A filter that reads its choices from the table would read
    # every row.
    list_filter = ("action", "outcome", ("at", TimeFilter))
    lookups: ClassVar = {
        "action__exact": frozenset(AuditEvent.Action.values).__contains__,
        "outcome__exact": frozenset(AuditEvent.Outcome.values).__contains__,
        "at__gte": is_time,
        "at__lt": is_time,
        # The links in the list filter by these.
        "actor_sub": is_text,
        "subject_sub": is_text,
    }
    search_fields = ("subject_sub",)
    ordering = ("-at",)
    paginator = CountsSomeOnly
    show_full_result_count = False
    # Each facet would cost another count of rows.
    show_facets = admin.ShowFacets.NEVER
    change_list_template = "admin/audit_events.html"
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

    @admin.display(description="When", ordering="at")
    def when(self, event: AuditEvent) -> SafeString:
        """Return the time in UTC to the second, as in the logs. A narrow column shows two lines."""
        day, time = f"{event.at:%Y-%m-%d %H:%M:%S}".split()
        return format_html(
            '<span class="moment">{}</span> <span class="moment">{}</span>', day, time
        )

    @admin.display(description="Subject")
    def subject(self, event: AuditEvent) -> SafeString | str:
        return _filter_link("subject_sub", event.subject_sub, event.subject_label)

    @admin.display(description="Actor")
    def actor(self, event: AuditEvent) -> SafeString | str:
        """Return nothing if actor and subject are the same user, as in most events."""
        if event.actor_sub == event.subject_sub:
            return ""
        return _filter_link("actor_sub", event.actor_sub, event.actor_label)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        """Search through indexes. A search for text inside a label would read every row."""
        term = search_term.strip()
        if not term:
            return queryset, False
        begins = Q(email__istartswith=term) | Q(name__istartswith=term)
        users = User.objects.filter(begins | Q(username__istartswith=term))
        subs = [term, *users.values_list("sub", flat=True)[:MAX_USERS]]
        by_sub = Q(subject_sub__in=subs) | Q(actor_sub__in=subs)
        return queryset.filter(by_sub | Q(subject_label=term) | Q(actor_label=term)), False

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export)
        return [path("export/", export, name="accounts_auditevent_export"), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Return the events of the filtered list as CSV. Record the export as an event.

        An operator who has to confirm first comes back to the list, because a download has no page.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        query = request.GET.urlencode()
        back_to = f"{reverse('admin:accounts_auditevent_changelist')}{'?' if query else ''}{query}"
        if answer := confirm_first(request, back_to=back_to):
            return answer
        try:
            events = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters as error:
            raise BadRequest from error
        actor = signed_in_user(request)
        try:
            count_request(actor)
        except TooManyActions as error:
            return problem_page(request, error)
        trail.record(request, trail.Action.EXPORT_AUDIT_EVENTS, trail.Outcome.SUCCESS, actor=actor)
        return audit_export.stream_csv(events)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False


def _filter_link(name: str, sub: str, label: str) -> SafeString | str:
    """Return the label as a link to all events with this `sub`, followed by the `sub`."""
    if not sub:
        return label
    link = format_html('<a href="?{}={}">{}</a>', name, sub, label or sub)
    return (
        link if label in {"", sub} else format_html('{} <small class="sub">{}</small>', link, sub)
    )
