"""The list of users in the admin: all of them in pages, or those that a search finds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.console.directory import local_people, words
from accounts.console.directory.actions import ACTIONS
from accounts.console.directory.console import Console
from accounts.console.directory.forms import SearchForm
from accounts.console.directory.operator import Person
from accounts.console.directory.pages import address_of, console_of, page, show_failures
from accounts.console.directory.reading import Details
from accounts.language.words import message_of
from cognito.directory.people import People
from cognito.directory.pool_facts import PoolFacts
from cognito.directory.records import DirectoryUser
from cognito.directory.search import Search
from cognito.errors import InvalidParameter

PAGE_SIZE = 20
# A search can find some more.
MAX_ROWS = PAGE_SIZE + local_people.MAX_FOUND
# Cognito's own limit.
MAX_NAME = 128
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
        people, facts = _find(console, form.text, form.status_name), None
        context["is_search"] = True
    else:
        token = request.GET.get("page")
        try:
            found, facts = console.users_and_pool(search, limit=PAGE_SIZE, token=token)
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
        **_estimate(facts),
        "rows": _rows(console, people.users, with_details=request.GET.get("details") == "1"),
        "is_loaded_later": request.GET.get("details") != "1",
    }
    return page(request, "users", title, context)


def _find(console: Console, text: str, status: str) -> People:
    """Return the people that the pool finds, and those that only this site finds."""
    with console.finding_people(text, status=status, limit=PAGE_SIZE) as find:
        # The pool may find any of them as well.
        named = local_people.names_like(text, limit=MAX_ROWS)
        people = find()
    found = {user.sub for user in people.users}
    names = [name for sub, name in named.items() if sub not in found]
    matches = Search(status=status).matches
    known = [
        user for user in console.known_people(names[: local_people.MAX_FOUND]) if matches(user)
    ]
    users = {user.sub: user for user in (*people.users, *known)}
    return People(list(users.values()), people.is_complete, people.problem)


@require_safe
@show_failures
def user_details(request: HttpRequest) -> HttpResponse:
    """Return the cells of groups and factors, which the script of the list puts into its rows.

    They take two calls of the pool for each user. The list appears before it has them.
    """
    names = request.GET.getlist("user")[:MAX_ROWS]
    rows = [{"username": name, **_details(one)} for name, one in _named(request, names)]
    return render(request, "admin/directory/details.html", {"rows": rows})


def _named(request: HttpRequest, names: list[str]) -> Iterable[tuple[str, Details]]:
    # PostgreSQL and Cognito refuse a NUL.
    if any("\0" in name or not 0 < len(name) <= MAX_NAME for name in names):
        raise BadRequest
    return zip(names, console_of(request).details(names), strict=True)


def _estimate(facts: PoolFacts | None) -> dict[str, Any]:
    """Return how many users the pool has."""
    if facts is None:
        return {}
    number = facts.estimated_users
    return {"estimate": number, "in_words": number_format(number or 0, force_grouping=True)}


def _details(more: Details) -> dict[str, Any]:
    return {
        "groups": more.groups,
        "factors": words.factors(more.factors) if more.factors is not None else None,
    }


def _rows(
    console: Console, users: Sequence[DirectoryUser], *, with_details: bool
) -> list[dict[str, Any]]:
    later = Details(groups=None, factors=None)
    names = [user.username for user in users]
    details = console.details(names) if with_details else [later] * len(names)
    known = local_people.seen(user.sub for user in users)
    return [
        {
            "user": user,
            "address": address_of(user),
            "status": words.status(user.status),
            **_details(more),
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
