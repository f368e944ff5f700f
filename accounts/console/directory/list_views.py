"""The list of users in the admin: all of them in pages, or those that a search finds."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.console.directory import local_people, words
from accounts.console.directory.actions import ACTIONS
from accounts.console.directory.console import Console
from accounts.console.directory.errors import FAILURES
from accounts.console.directory.forms import SearchForm
from accounts.console.directory.operator import Person
from accounts.console.directory.pages import address_of, console_of, page, show_failures
from accounts.language.words import message_of
from cognito.directory.people import People
from cognito.directory.records import DirectoryUser
from cognito.directory.search import Search
from cognito.errors import InvalidParameter

PAGE_SIZE = 20
# Those that a row offers without a visit to the user's page.
QUICK = ("enable", "disable", "sign-out", "reset-password", "resend-invitation")


@require_safe
@show_failures
def user_list(request: HttpRequest) -> HttpResponse:
    """List users, one page of the pool's answer at a time, or those that a search finds."""
    console = console_of(request)
    form = SearchForm(request.GET or None)
    context: dict[str, Any] = {
        "form": form,
        "bulk_actions": [
            one
            for one in ACTIONS.values()
            if one.in_bulk and console.operator.rights.allow(one.permission)
        ],
        "may_invite": console.operator.rights.allow("invite_users"),
        "is_all_selected": request.GET.get("select") == "all",
        "query": query_of(request.GET),
    }
    title = _("Users")
    if form.is_bound and not form.is_valid():
        return page(request, "users", title, context, status=HTTPStatus.BAD_REQUEST)
    search = form.search() if form.is_bound else Search()
    if search is None:
        people = _find(console, form.text, form.status_name)
        context["is_search"] = True
    else:
        token = request.GET.get("page")
        try:
            found = console.users(search, limit=PAGE_SIZE, token=token)
        except InvalidParameter:
            if token is None:
                raise
            # The pool's page tokens are valid for an hour, and only for the same search.
            context["problem"] = _("This page has expired. Search again.")
            return page(request, "users", title, context, status=HTTPStatus.CONFLICT)
        people = People(found.users)
        if found.next_token is not None:
            query = {"q": search.prefix, "field": search.field, "status": search.status}
            context["next_page"] = urlencode({**query, "page": found.next_token})
        context["is_filtered"] = bool(search.filter())
    context |= {
        "people": people,
        "problem_of_search": message_of(people.problem) if people.problem else "",
        **_estimate(console),
        "rows": _rows(console, people.users),
    }
    return page(request, "users", title, context)


def _find(console: Console, text: str, status: str) -> People:
    """Return the people that the pool finds, and those that only this site finds."""
    people = console.find_people(text, status=status, limit=PAGE_SIZE)
    names = local_people.names_like(text, without=[user.sub for user in people.users])
    matches = Search(status=status).matches
    known = [user for user in console.known_people(names) if matches(user)]
    users = {user.sub: user for user in (*people.users, *known)}
    return People(list(users.values()), people.is_complete, people.problem)


def _estimate(console: Console) -> dict[str, Any]:
    """Return how many users the pool has. The list works without it."""
    try:
        number = console.pool_facts().estimated_users
    except FAILURES:
        return {}
    return {"estimate": number, "in_words": number_format(number or 0, force_grouping=True)}


def _rows(console: Console, users: Sequence[DirectoryUser]) -> list[dict[str, Any]]:
    details = console.details(users)
    known = local_people.seen(user.sub for user in users)
    return [
        {
            "user": user,
            "address": address_of(user),
            "status": words.status(user.status),
            "groups": more.groups,
            "factors": words.factors(more.factors) if more.factors is not None else None,
            "here": known.get(user.sub),
            "actions": _quick_actions(console, user),
        }
        for user, more in zip(users, details, strict=True)
    ]


def _quick_actions(console: Console, user: DirectoryUser) -> list[dict[str, str]]:
    if console.operator.is_me(user):
        return []
    return [
        {"label": str(ACTIONS[name].label), "address": address_of(user, ACTIONS[name])}
        for name in QUICK
        if ACTIONS[name].suits(Person(user, ()))
        and console.operator.rights.allow(ACTIONS[name].permission)
    ]


def query_of(parameters: QueryDict) -> str:
    """Return the query of this list, for links that show it again."""
    names = ("q", "field", "status", "page")
    return urlencode({name: parameters[name] for name in names if parameters.get(name)})
