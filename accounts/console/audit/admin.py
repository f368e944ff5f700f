"""The audit trail in the admin. Operators can search, filter and export it, but not change it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from accounts.audit import export as audit_export
from accounts.audit import trail
from accounts.console.audit import filters
from accounts.console.audit.filter_form import FilterForm, chips
from accounts.console.audit.lines import line_of, lines_of
from accounts.console.bounded_search import BoundedChangeList
from accounts.console.declared_lookups import DeclaredLookups, is_text, is_time
from accounts.console.directory.current_operator import count_request
from accounts.console.directory.errors import TooManyActions
from accounts.console.directory.pages import problem_page
from accounts.models import AuditEvent, identity_model
from accounts.sessions.guards import signed_in_user
from accounts.step_up.guards import confirm_first

# The last page of the list ends here. A link of that page shows older events.
MAX_COUNTED = 10_000
PAGE_SIZE = 50
# A search includes the events of at most this number of users whose name or address matches.
MAX_USERS = 50

Stream = Callable[[QuerySet[AuditEvent]], StreamingHttpResponse]


class CountsSomeOnly(Paginator):  # type: ignore[type-arg] # not generic when it runs
    """Counts at most MAX_COUNTED rows, because counting a million rows would delay the list."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[AuditEvent] = self.object_list  # type: ignore[assignment] # of a changelist
        return rows.order_by()[:MAX_COUNTED].count()


@admin.register(AuditEvent)
class AuditEventAdmin(DeclaredLookups):
    """The read-only list of audit events, also for superusers."""

    # The template shows lines instead of these columns.
    list_display = ("at",)
    # These filters have fixed choices. A filter that reads its choices from the table would read
    # every row.
    list_filter = ("action", "outcome", filters.TimeRange, filters.Without)
    lookups: ClassVar = {
        "action__exact": frozenset(AuditEvent.Action.values).__contains__,
        "outcome__exact": frozenset(AuditEvent.Outcome.values).__contains__,
        filters.FROM: filters.is_moment,
        filters.UNTIL: filters.is_moment,
        filters.WITHOUT: frozenset(AuditEvent.Action.values).__contains__,
        "at__gte": is_time,
        "at__lt": is_time,
        # The links in the list filter by these.
        "actor_sub": is_text,
        "subject_sub": is_text,
    }
    search_fields = ("subject_sub",)
    ordering = ("-at",)
    sortable_by = ()
    list_per_page = PAGE_SIZE
    paginator = CountsSomeOnly
    show_full_result_count = False
    change_list_template = "admin/audit/list.html"
    change_form_template = "admin/audit/event.html"
    readonly_fields = (
        "at",
        "action",
        "outcome",
        "reason",
        "detail",
        "subject_label",
        "subject_sub",
        "actor_label",
        "actor_sub",
        "address",
        "browser",
        "user_agent",
        "request_id",
    )
    fields = readonly_fields

    @admin.display(description=_("Reason"))
    def reason(self, event: AuditEvent) -> str:
        return line_of(event).reason or "-"

    @admin.display(description=_("Browser"))
    def browser(self, event: AuditEvent) -> str:
        return line_of(event).browser or "-"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        """Search through indexes. A search for text inside a label would read every row."""
        term = search_term.strip()
        if not term:
            return queryset, False
        begins = Q(email__istartswith=term) | Q(name__istartswith=term)
        users = identity_model().objects.filter(begins | Q(username__istartswith=term))
        subs = [term, *users.values_list("sub", flat=True)[:MAX_USERS]]
        by_sub = Q(subject_sub__in=subs) | Q(actor_sub__in=subs)
        return queryset.filter(by_sub | Q(subject_label=term) | Q(actor_label=term)), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Extend Django's list by the form of filters, and by the events as lines."""
        _drop_blanks(request)
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            response.context_data |= _list_context(response.context_data["cl"])
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Give the page of an event its sentence as the title. An event has no history."""
        line = line_of(context["original"])
        context |= {"title": strip_tags(line.sentence), "subtitle": None, "line": line}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("export/", guarded(self.export), name="accounts_auditevent_export"),
            path(
                "export/json-lines/",
                guarded(self.export_json_lines),
                name="accounts_auditevent_export_json_lines",
            ),
            *super().get_urls(),
        ]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Return the events of the filtered list as CSV."""
        return self._export(request, "CSV", audit_export.stream_csv)

    def export_json_lines(self, request: HttpRequest) -> HttpResponseBase:
        """Return the events of the filtered list as JSON Lines."""
        return self._export(request, "JSON Lines", audit_export.stream_json_lines)

    def _export(self, request: HttpRequest, form: str, stream: Stream) -> HttpResponseBase:
        """Return a download, and record it as an event.

        An operator who has to confirm first comes back to the list, because a download has no page.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        _drop_blanks(request)
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
        action, outcome = trail.Action.EXPORT_AUDIT_EVENTS, trail.Outcome.SUCCESS
        trail.record(request, action, outcome, actor=actor, detail=f"{form}: {query or 'all'}")
        return stream(events)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False


def _drop_blanks(request: HttpRequest) -> None:
    """Remove the fields of the form that the operator left empty."""
    query = request.GET.copy()
    for name in [name for name, values in query.lists() if not any(values)]:
        del query[name]
    request.GET = query  # type: ignore[assignment] # mutable, as Django's own list makes it


def _list_context(listed: BoundedChangeList) -> dict[str, Any]:
    events = list(listed.result_list)
    count, page = listed.result_count, listed.page_num
    is_last = page >= listed.paginator.num_pages
    first = (page - 1) * PAGE_SIZE + 1
    context: dict[str, Any] = {
        "lines": lines_of(events),
        "form": FilterForm(listed.params, query=listed.query),
        "chips": chips(listed, events),
        "first": first,
        "last": first + len(events) - 1,
        "count": count,
        "is_cut": count >= MAX_COUNTED,
        "query": listed.get_query_string(),
        "newer": listed.get_query_string({"p": page - 1}) if page > 1 else "",
        "older": "" if is_last else listed.get_query_string({"p": page + 1}),
    }
    if is_last and context["is_cut"] and events:
        # Continue after the counted events. The oldest one is shown again.
        end = events[-1].at + timedelta(microseconds=1)
        until = {filters.UNTIL: end.isoformat().replace("+00:00", "Z")}
        context["older"] = listed.get_query_string(until, remove=["p"])
    return context
