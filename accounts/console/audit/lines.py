"""An audit event as one readable line, with links to the other events of its users."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.console.audit import sentences
from accounts.console.audit.reasons import in_words
from accounts.models import AuditEvent
from accounts.user_agents import browser_name


@dataclass(frozen=True, slots=True)
class Line:
    """An event in words.

    Attributes:
        sentence: the actor, the action and the subject, with links.
        reason: why it failed.
        extra: what the event says besides, such as the names of groups.
        browser: the name of the browser or program, empty if the request had none.
    """

    event: AuditEvent
    sentence: SafeString
    reason: str
    extra: str
    browser: str
    url: str

    @property
    def is_failure(self) -> bool:
        return self.event.outcome == AuditEvent.Outcome.FAILURE


def lines_of(events: Iterable[AuditEvent]) -> list[Line]:
    return [line_of(event) for event in events]


def line_of(event: AuditEvent) -> Line:
    is_failure = event.outcome == AuditEvent.Outcome.FAILURE
    reason, extra = in_words(event.detail) if is_failure else ("", event.detail)
    known = sentences.SENTENCES.get(event.action)
    template = (known or sentences.OTHER).words(is_failure=is_failure)
    # Django compares all names of actions to find one, which took a fifth of a page's time.
    is_unknown = "{action}" in template
    if "{group}" in template:
        # The detail is the name of the group. It is missing if the form was refused before.
        group, extra = extra or "?", ""
    else:
        group = ""
    names = (event.subject_sub, event.subject_label)
    is_other = bool(event.actor_sub or event.actor_label) and event.actor_sub != event.subject_sub
    actor = (
        _person("actor_sub", event.actor_sub, event.actor_label)
        if is_other
        else _person(
            "subject_sub",
            event.subject_sub,
            event.subject_label or event.actor_label,
            otherwise=sentences.VISITOR,
        )
    )
    subject = _person("subject_sub", *names, otherwise=sentences.USER)
    sentence = format_html(
        template,
        actor=actor,
        subject=subject,
        group=format_html("<strong>{}</strong>", group),
        action=event.get_action_display() if is_unknown else "",
    )
    if is_other and any(names) and "{subject}" not in template:
        sentence = format_html(str(sentences.FOR_ANOTHER), sentence=sentence, subject=subject)
    return Line(
        event,
        sentence,
        reason,
        extra,
        _client(event.user_agent),
        reverse("admin:accounts_auditevent_change", args=[event.pk]),
    )


def _client(user_agent: str) -> str:
    """Return the name of the browser, or the first word of a program's user agent."""
    first, _, _ = user_agent.partition(" ")
    is_browser = not user_agent or first.startswith("Mozilla/")
    return browser_name(user_agent) if is_browser and user_agent else first[:40]


def _person(name: str, sub: str, label: str, *, otherwise: sentences.Words = "") -> SafeString:
    """Return the label as a link to all events with this `sub`."""
    if not sub:
        return format_html("<strong>{}</strong>", label or otherwise)
    url = f"{reverse('admin:accounts_auditevent_changelist')}?{urlencode({name: sub})}"
    return format_html('<a class="who" href="{}" title="{}">{}</a>', url, sub, label or sub)
