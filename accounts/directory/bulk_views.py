"""The same done to several users at once, with a result for each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.directory.actions import ACTIONS
from accounts.directory.console import Console
from accounts.directory.forms import ActionForm, BulkForm
from accounts.directory.pages import console_of, page, problem_of, says_what_fails
from accounts.directory.refusals import NotAllowed
from accounts.directory.user_views import PAGE_SIZE, groups_to_choose
from cognito.errors import CognitoUnavailable, RequestRefused

# The gateway gives up after 29 s; what was not tried by then is reported as that.
BUDGET_SECONDS = 15.0
NOT_TRIED = "Not tried, because the user pool does not answer or takes too long."


@dataclass(frozen=True, slots=True)
class Choice:
    """A user who was ticked. The label is for the operator to read and decides nothing."""

    username: str
    label: str

    @property
    def value(self) -> str:
        """User names have no spaces in them."""
        return f"{self.username} {self.label}"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one of them."""

    choice: Choice
    is_done: bool
    message: str


@require_POST
@says_what_fails
def bulk(request: HttpRequest) -> HttpResponse:
    """Asks whether to go on, then does it to one after the other."""
    form = BulkForm(request.POST)
    choices = [_choice(value) for value in request.POST.getlist("user")[:PAGE_SIZE]]
    if not form.is_valid() or not choices:
        return HttpResponseRedirect(reverse("admin:accounts_directory_changelist"))
    action = ACTIONS[form.cleaned_data["action"]]
    console = console_of(request)
    console.operator.demand(action.permission)
    is_sure = "sure" in request.POST
    groups = groups_to_choose(console, action, None)
    argument_form = ActionForm(action, request.POST if is_sure else None, groups=groups)
    context = {"action": action, "choices": choices, "form": argument_form}
    if is_sure and argument_form.is_valid():
        results = _do(console, action.name, choices, argument_form.argument)
        context = {"action": action, "results": results}
        return page(request, "bulk_result", f"{action.label}: results", context)
    return page(request, "bulk", f"{action.label}: {len(choices)} users", context)


def _do(
    console: Console, action_name: str, choices: Sequence[Choice], argument: str
) -> list[Result]:
    results: list[Result] = []
    ends_at = time.monotonic() + BUDGET_SECONDS
    for choice in choices:
        if time.monotonic() >= ends_at:
            results.append(Result(choice, is_done=False, message=NOT_TRIED))
            continue
        try:
            console.act(action_name, choice.username, argument)
        except (NotAllowed, RequestRefused, CognitoUnavailable) as error:
            results.append(Result(choice, is_done=False, message=problem_of(error)[0]))
            if isinstance(error, CognitoUnavailable):
                ends_at = 0.0
        else:
            results.append(Result(choice, is_done=True, message=ACTIONS[action_name].done))
    return results


def _choice(value: str) -> Choice:
    username, _, label = value.partition(" ")
    return Choice(username, label)
