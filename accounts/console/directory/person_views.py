"""A person's page in the admin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.console.audit.lines import lines_of
from accounts.console.directory import words
from accounts.console.directory.actions import ACTIONS, Section
from accounts.console.directory.console import Console
from accounts.console.directory.obstacles import Obstacle, obstacles_of
from accounts.console.directory.operator import Person, row_of
from accounts.console.directory.pages import address_of, console_of, page, show_failures
from accounts.console.directory.sign_in_parts import parts_of
from accounts.language.words import message_of
from accounts.models import AuditEvent, BrowserSession
from cognito.directory.pool_facts import PoolFacts
from cognito.errors import CognitoUnavailable
from cognito.user_pool.auth_factors import AuthFactors

MAX_EVENTS = 20
MAX_SESSIONS = 20


@require_safe
@show_failures
def user_detail(request: HttpRequest, username: str) -> HttpResponse:
    """Show a user. While the pool is unavailable, show what this site has recorded."""
    console = console_of(request)
    try:
        person, access = console.person_with_access(username)
    except CognitoUnavailable as error:
        context = {"problem": message_of(error), **_known_here(username)}
        return page(request, "user", username, context, error=error)
    user, local = person.user, row_of(person.user)
    obstacles = obstacles_of(
        person,
        row=local,
        factors=access.factors if isinstance(access.factors, AuthFactors) else None,
        pool=access.pool if isinstance(access.pool, PoolFacts) else PoolFacts(),
    )
    is_me = console.operator.is_me(user)
    context = {
        "person": person,
        "status": words.status(user.status),
        "local": local,
        "sections": [] if is_me else _sections(console, person),
        "obstacles": [_row(console, person, one) for one in obstacles],
        "is_blocked": any(one.blocks for one in obstacles),
        "may_act": not is_me and console.operator.rights.allow("support_users"),
        "is_me": is_me,
        **parts_of(access, person),
        **_known_here(user.sub, user.email),
    }
    return page(request, "user", user.label, context)


def _sections(console: Console, person: Person) -> list[dict[str, Any]]:
    """Return the actions that the operator may use on the user, by how dangerous they are."""
    titles = {
        Section.HELP: _("Help to sign in"),
        Section.RIGHTS: _("Rights"),
        Section.DANGER: _("Take access away"),
    }
    sections = (
        {
            "title": title,
            "is_danger": section is Section.DANGER,
            "actions": [
                {"label": one.label, "address": address_of(person.user, one), "name": one.name}
                for one in ACTIONS.values()
                if one.section is section
                and one.suits(person)
                and console.operator.rights.allow(one.permission)
            ],
        }
        for section, title in titles.items()
    )
    return [section for section in sections if section["actions"]]


def _row(console: Console, person: Person, obstacle: Obstacle) -> dict[str, Any]:
    is_me = console.operator.is_me(person.user)
    actions = [ACTIONS[name] for name in obstacle.actions if not is_me]
    return {
        "obstacle": obstacle,
        "actions": [
            {"label": one.label, "address": address_of(person.user, one)}
            for one in actions
            if console.operator.rights.allow(one.permission)
        ],
    }


def _known_here(sub: str, email: str = "") -> dict[str, Any]:
    """Return the signed-in devices and the latest events of a user.

    A failed sign-in through the API knows only the address.
    """
    sub = sub.replace("\0", "")
    sessions = BrowserSession.objects.filter(user__sub=sub).order_by("-last_seen_at")
    return {
        "sub": sub,
        "sessions": list(sessions[:MAX_SESSIONS]),
        "lines": lines_of(_events(sub, email)),
    }


def _events(sub: str, email: str) -> Sequence[AuditEvent]:
    about = Q(subject_sub=sub)
    if email:
        about |= Q(subject_sub="", subject_label=email)
    return list(AuditEvent.objects.filter(about).order_by("-at", "-pk")[:MAX_EVENTS])
