"""Apply an action to several users, some of them in each request, with a result for each user."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import BadRequest
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
)
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_http_methods

from accounts.audit.subject import Subject
from accounts.console.directory.actions import ACTIONS, UserAction
from accounts.console.directory.console import Console
from accounts.console.directory.forms import ActionForm, BulkForm
from accounts.console.directory.list_views import PAGE_SIZE, query_of
from accounts.console.directory.pages import console_of, page, show_failures
from accounts.console.directory.user_views import choices_of
from accounts.language.words import message_of
from accounts.not_allowed import NotAllowed
from accounts.step_up.guards import confirm_first
from accounts.step_up.kept_forms import initial_of, kept_values
from cognito import deadlines
from cognito.errors import CognitoUnavailable, RequestRefused

RESULTS_SECONDS = 3600
# A user name of up to 128 characters, a space, and an e-mail address or a name.
MAX_CHOICE_CHARACTERS = 512
# A page token of the pool and a search.
MAX_QUERY_CHARACTERS = 4096
# The former name of this module. It must not change: forms that are open during a deployment
# would become invalid.
SALT = "accounts.directory.bulk"
NOT_TRIED = gettext_noop(
    "Not attempted, because the action failed for an earlier user. Try again later."
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A selected user. The label is only shown to the operator."""

    username: str
    label: str

    @property
    def value(self) -> str:
        # A space can separate the two, because user names contain none.
        return f"{self.username} {self.label}"


@dataclass(frozen=True, slots=True)
class Result:
    """The result of an action for one user."""

    label: str
    is_done: bool
    message: str


@require_http_methods(["GET", "POST"])
@show_failures
def bulk(request: HttpRequest) -> HttpResponse:
    """Ask for confirmation, then apply the action to one user after the other."""
    sent = request.POST if request.method == "POST" else kept_values(request)
    if sent is None:
        return HttpResponseNotAllowed(["POST"])
    form = BulkForm(sent)
    values = sent.getlist("user")[:PAGE_SIZE]
    if any(len(value) > MAX_CHOICE_CHARACTERS for value in values):
        raise BadRequest
    choices = [_choice(value) for value in values]
    if not form.is_valid() or not choices:
        messages.error(
            request,
            _("Nothing was done. Select at least one user, then apply again.")
            if form.is_valid()
            else _("Nothing was done. Select an action, then apply again."),
        )
        query = query_of(QueryDict(sent.get("list", "")[:MAX_QUERY_CHARACTERS]))
        address = reverse("admin:accounts_directory_changelist")
        return HttpResponseRedirect(f"{address}?{query}" if query else address)
    action = ACTIONS[form.cleaned_data["action"]]
    console = console_of(request)
    usernames = ", ".join(choice.username for choice in choices)
    console.demand(action.permission, action.event, Subject.named(usernames))
    if action.needs_recent_sign_in and (answer := confirm_first(request, not_kept=action.secret)):
        return answer
    is_sure = "sure" in request.POST
    options = choices_of(console, action, None)
    argument_form = ActionForm(
        action,
        request.POST if is_sure else None,
        choices=options,
        initial=initial_of(request),
    )
    context: dict[str, Any] = {"action": action, "choices": choices, "form": argument_form}
    if not is_sure or not argument_form.is_valid():
        count = len(choices)
        users = ngettext("%(count)d user", "%(count)d users", count) % {"count": count}
        return page(request, "bulk", f"{action.label}: {users}", context)
    so_far = _results_so_far(request)
    new = _do(console, action, choices, argument_form.argument)
    results, left = so_far + new, choices[len(new) :]
    context |= {
        "results": results,
        "choices": left,
        "total": len(results) + len(left),
        "argument": argument_form.argument,
        "carried": signing.dumps([astuple(one) for one in results], salt=SALT, compress=True),
    }
    return page(
        request, "bulk_result", _("%(action)s: results") % {"action": action.label}, context
    )


def _do(
    console: Console, action: UserAction, choices: Sequence[Choice], argument: str
) -> list[Result]:
    """Return the results of the first users.

    The action is applied to at least one user, and stops at the deadline. After a
    CognitoUnavailable, the other users get the result NOT_TRIED.
    """
    results: list[Result] = []
    ends_at = time.monotonic() + deadlines.BULK_SECONDS
    for place, choice in enumerate(choices):
        if results and time.monotonic() >= ends_at:
            break
        try:
            console.act(action.name, choice.username, argument)
        except (NotAllowed, RequestRefused) as error:
            results.append(Result(choice.label, is_done=False, message=message_of(error)))
        except CognitoUnavailable as error:
            results.append(Result(choice.label, is_done=False, message=message_of(error)))
            others = choices[place + 1 :]
            return results + [
                Result(one.label, is_done=False, message=_(NOT_TRIED)) for one in others
            ]
        else:
            results.append(Result(choice.label, is_done=True, message=str(action.done)))
    return results


def _results_so_far(request: HttpRequest) -> list[Result]:
    """Return the results of the previous requests, which the form sends back with a signature.

    Raises BadRequest for an invalid signature.
    """
    carried = request.POST.get("carried")
    if not carried:
        return []
    try:
        results = signing.loads(carried, salt=SALT, max_age=RESULTS_SECONDS)
    except signing.BadSignature as error:
        raise BadRequest from error
    return [Result(*one) for one in results]


def _choice(value: str) -> Choice:
    username, _, label = value.partition(" ")
    return Choice(username, label)
