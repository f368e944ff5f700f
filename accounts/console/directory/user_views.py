"""The admin's pages that change users of the pool: invite one, and act on one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.audit import trail
from accounts.audit.subject import Subject
from accounts.console.directory import words
from accounts.console.directory.actions import ACTIONS, SHOWN, Argument, Here, UserAction
from accounts.console.directory.console import Console
from accounts.console.directory.errors import FAILURES, Failure
from accounts.console.directory.forms import ActionForm, InvitationForm
from accounts.console.directory.operator import Person
from accounts.console.directory.pages import address_of, console_of, page, show_failures
from accounts.language.words import message_of
from accounts.step_up.guards import confirm_first
from accounts.step_up.kept_forms import initial_of
from cognito.attributes import temporary_passwords
from cognito.directory.access import REMOVABLE
from cognito.errors import GroupNotFound, UserNotFound

PAGE_SIZE = 20
MAX_EVENTS = 20
MAX_SESSIONS = 20


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
            form.add_error(None, message_of(error))
        else:
            messages.success(
                request, _("Cognito sends an invitation to %(email)s.") % {"email": user.email}
            )
            return HttpResponseRedirect(address_of(user))
    context = {"form": form, "submit": _("Send invitation")}
    return page(request, "form", _("Invite a user"), context, error=error)


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
    is_generated = action.argument is Argument.PASSWORD
    argument = temporary_passwords.generate() if is_generated else ""
    error: Failure | None = None
    if request.method == "POST" and form.is_valid():
        try:
            console.act(action.name, person.user.username, argument or form.argument)
        except (UserNotFound, GroupNotFound):
            raise
        except FAILURES as refused:
            error = refused
            form.add_error(None, message_of(error))
        else:
            if is_generated:
                return _password_page(request, console, person, argument)
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


def _password_page(
    request: HttpRequest, console: Console, person: Person, password: str
) -> HttpResponse:
    """Show a temporary password, on this one page. No cookie, message or log has it."""
    try:
        days = console.pool_facts().temporary_password_days
    except FAILURES:
        days = None
    context = {
        "user_of_pool": person.user,
        "password": password,
        "days": days,
        "back": address_of(person.user),
    }
    return page(request, "password", _("Temporary password"), context)


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
