"""The admin's pages for users of the pool: list, show and invite users, and act on one."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.audit import trail
from accounts.audit.subject import Subject
from accounts.console.directory import words
from accounts.console.directory.actions import ACTIONS, SHOWN, Argument, Here, UserAction
from accounts.console.directory.console import Console
from accounts.console.directory.errors import FAILURES, Failure
from accounts.console.directory.forms import ActionForm, InvitationForm, SearchForm
from accounts.console.directory.operator import Person, row_of
from accounts.console.directory.pages import console_of, page, show_failures
from accounts.console.directory.sign_in_parts import parts_of
from accounts.models import AuditEvent, BrowserSession
from accounts.step_up.guards import confirm_first
from accounts.step_up.kept_forms import initial_of
from cognito.directory.access import REMOVABLE
from cognito.directory.records import DirectoryUser
from cognito.directory.search import Search
from cognito.errors import CognitoUnavailable, GroupNotFound, InvalidParameter, UserNotFound

PAGE_SIZE = 20
MAX_EVENTS = 20
MAX_SESSIONS = 20


@require_safe
@show_failures
def user_list(request: HttpRequest) -> HttpResponse:
    """List the users, one page of the pool's answer at a time."""
    console = console_of(request)
    form = SearchForm(request.GET or None, initial={"field": "email"})
    token = request.GET.get("page")
    context: dict[str, Any] = {
        "form": form,
        "bulk_actions": [one for one in ACTIONS.values() if _may(console, one) and one.in_bulk],
        "may_invite": console.operator.rights.allow("invite_users"),
    }
    if form.is_bound and not form.is_valid():
        return page(request, "users", "Directory", context, status=HTTPStatus.BAD_REQUEST)
    search = form.search() if form.is_bound else Search()
    try:
        found = console.users(search, limit=PAGE_SIZE, token=token)
    except InvalidParameter:
        if token is None:
            raise
        # The pool's page tokens are valid for an hour, and only for the same search.
        context["problem"] = "This page has expired. Search again."
        return page(request, "users", "Directory", context, status=HTTPStatus.CONFLICT)
    context["rows"] = [_row(user) for user in found.users]
    if found.next_token is not None:
        query = {"field": search.field, "begins": search.prefix, "status": search.status}
        context["next_page"] = urlencode({**query, "page": found.next_token})
    return page(request, "users", "Directory", context)


@require_safe
@show_failures
def user_detail(request: HttpRequest, username: str) -> HttpResponse:
    """Show a user. While the pool is unavailable, show what this site has recorded."""
    console = console_of(request)
    try:
        person = console.person(username)
    except CognitoUnavailable as error:
        context = {"problem": str(error), **_known_here(username)}
        return page(request, "user", username, context, error=error)
    user = person.user
    context = {
        "person": person,
        "row": _row(user),
        "local": row_of(user),
        "actions": [one for one in ACTIONS.values() if _may(console, one) and one.suits(person)],
        "may_act": _may(console, ACTIONS["end-session"]) and not console.operator.is_me(user),
        "is_me": console.operator.is_me(user),
        **parts_of(console, person),
        **_known_here(user.sub),
    }
    return page(request, "user", user.label, context)


@require_http_methods(["GET", "HEAD", "POST"])
@show_failures
def invite(request: HttpRequest) -> HttpResponse:
    """Show a form for a new user, and have Cognito send an invitation."""
    console = console_of(request)
    console.demand("invite_users", trail.Action.INVITE_USER, Subject())
    form = InvitationForm(request.POST or None)
    error: Failure | None = None
    if request.method == "POST" and form.is_valid():
        try:
            user = console.invite(**form.cleaned_data)
        except FAILURES as refused:
            error = refused
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Cognito sends an invitation to {user.email}.")
            return HttpResponseRedirect(address_of(user))
    context = {"form": form, "submit": "Send invitation"}
    return page(request, "form", "Invite a user", context, error=error)


@require_http_methods(["GET", "HEAD", "POST"])
@show_failures
def user_action(request: HttpRequest, username: str, action_name: str) -> HttpResponse:
    """Ask for confirmation, then apply the action to a user."""
    action = ACTIONS.get(action_name)
    if action is None:
        raise Http404
    console = console_of(request)
    console.demand(action.permission, action.event, Subject.named(username))
    if action.needs_recent_sign_in and (answer := confirm_first(request, not_kept=action.secret)):
        return answer
    person = console.person(username)
    form = ActionForm(
        action,
        request.POST if request.method == "POST" else None,
        choices=choices_of(console, action, person),
        initial=_named_in_link(request, action) | initial_of(request),
    )
    error: Failure | None = None
    if request.method == "POST" and form.is_valid():
        try:
            console.act(action.name, person.user.username, form.argument)
        except (UserNotFound, GroupNotFound):
            raise
        except FAILURES as refused:
            error = refused
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{person.user.label}: {action.done}")
            if action.here is Here.FORGET:
                return HttpResponseRedirect(reverse("admin:accounts_directory_changelist"))
            return HttpResponseRedirect(address_of(person.user))
    context = {
        "form": form,
        "action": action,
        "user_of_pool": person.user,
        "back": address_of(person.user),
        "submit": action.label,
    }
    title = f"{action.label}: {person.user.label}"
    return page(request, "action", title, context, error=error)


def _named_in_link(request: HttpRequest, action: UserAction) -> dict[str, str]:
    """Return the choice that a link on the user's page made, for example one of the sessions."""
    return {"argument": request.GET.get("argument", "")} if action.argument in SHOWN else {}


def choices_of(
    console: Console, action: UserAction, person: Person | None
) -> list[tuple[str, str]]:
    """Return what the form offers as the argument: values with labels.

    To remove a user from a group, these are the user's groups. To add one, they are all others.
    Without a user, they are all groups.
    """
    match action.argument:
        case Argument.GROUP:
            held = {group.name for group in person.groups} if person else set()
            if action.name == "remove-from-group" and person is not None:
                names = sorted(held)
            else:
                names = [group.name for group in console.groups() if group.name not in held]
            return [(name, name) for name in names]
        case Argument.FACTOR if person is not None:
            return [(one, words.factor(one)) for one in REMOVABLE if one in person.user.mfa]
        case Argument.SESSION if person is not None:
            return [
                (one.session_id, words.session(one))
                for one in console.sessions(person.user.username)
            ]
        case Argument.DEVICE if person is not None:
            return [(one.key, words.device(one)) for one in console.devices(person.user.username)]
    return []


def address_of(user: DirectoryUser) -> str:
    return reverse("admin:accounts_directory_user", args=[user.username])


def _may(console: Console, action: UserAction) -> bool:
    return console.operator.rights.allow(action.permission)


def _row(user: DirectoryUser) -> dict[str, Any]:
    return {
        "user": user,
        "address": address_of(user),
        "status": words.status(user.status),
    }


def _known_here(sub: str) -> dict[str, Any]:
    """Return the signed-in devices and the latest events of the user with this `sub`."""
    sub = sub.replace("\0", "")
    sessions = BrowserSession.objects.filter(user__sub=sub).order_by("-last_seen_at")
    events = AuditEvent.objects.filter(subject_sub=sub).order_by("-at", "-pk")
    return {
        "sub": sub,
        "sessions": list(sessions[:MAX_SESSIONS]),
        "events": list(events[:MAX_EVENTS]),
    }
