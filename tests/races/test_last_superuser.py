"""The last two superusers remove each other's rights at the same time: one remains."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import requests
from psycopg import sql

from tests.races.browser import HTTPBrowser, at_once
from tests.races.conftest import SUPERUSERS, Deployment
from tests.support.clock import wait_until
from tests.support.provider.people import Person

# Delay the pool, so that both operators are checked before either has acted.
SLOWLY = "delay:0.05"


@pytest.fixture
def two(deployment: Deployment) -> tuple[Person, Person]:
    """Return the only two superusers."""
    one, other = (
        Person(email=f"{name}@example.com", groups=[SUPERUSERS]) for name in ("one", "other")
    )
    deployment.provider.pool.people += [one, other]
    return one, other


# begin capability console
def act(
    deployment: Deployment, operator: Person, action: str, person: Person, body: dict[str, str]
) -> requests.Response:
    token = deployment.provider.pool.factory(operator).access(operator.access_claims())
    return requests.post(
        f"{deployment.public_url}/api/v1/operators/users/{person.sub}/{action}",
        json=body,
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    )


# end capability console


def signed_in(deployment: Deployment, person: Person) -> HTTPBrowser:
    deployment.provider.person = person
    return HTTPBrowser(deployment).signed_in()


# begin capability console
def open_form_to_switch_off(
    browser: HTTPBrowser, person: Person
) -> Callable[[], requests.Response]:
    """Open the user's form in the admin, and return a function that submits it."""
    statement = sql.SQL("SELECT id FROM accounts_user WHERE sub = {}")
    [(pk,)] = browser.deployment.query(statement.format(sql.Literal(person.sub)))
    path = f"/admin/accounts/user/{pk}/change/"
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.page(path).text)
    assert token is not None
    return partial(browser.post_form, path, token[1])


# end capability console


def superusers_left(deployment: Deployment) -> list[str]:
    """Return the `sub` of each superuser who can still sign in."""
    statement = sql.SQL("SELECT sub FROM accounts_user WHERE NOT is_active")
    off = {sub for (sub,) in deployment.query(statement)}
    return [
        one.sub
        for one in deployment.provider.pool.people
        if SUPERUSERS in one.groups and one.is_enabled and one.sub not in off
    ]


# begin capability console
def body_of(action: str, person: Person) -> dict[str, str]:
    match action:
        case "remove-from-group":
            return {"group": SUPERUSERS}
        case "delete":
            return {"email": person.email}
        case _:
            return {}


# end capability console


# begin capability console
@pytest.mark.parametrize("action", ["disable", "remove-from-group", "delete"])
def test_one_superuser_remains_after_both_act(
    deployment: Deployment, two: tuple[Person, Person], action: str
) -> None:
    one, other = two
    deployment.provider.behave(idp=SLOWLY)
    answers = at_once(
        [
            partial(act, deployment, one, action, other, body_of(action, other)),
            partial(act, deployment, other, action, one, body_of(action, one)),
        ]
    )
    deployment.provider.behave()
    assert sorted(answer.status_code for answer in answers) == [204, 403]
    assert [one.json()["code"] for one in answers if one.content] == ["last_superuser"]
    assert len(superusers_left(deployment)) == 1
    details = "SELECT outcome, detail FROM accounts_auditevent ORDER BY id DESC LIMIT 2"
    outcomes = sorted(str(outcome) for outcome, _ in deployment.query(sql.SQL(details)))
    assert outcomes == ["failure", "success"]


# end capability console


# begin capability console
def test_one_superuser_remains_after_both_disable_the_other_on_this_site(
    deployment: Deployment, two: tuple[Person, Person]
) -> None:
    one, other = two
    browsers = signed_in(deployment, one), signed_in(deployment, other)
    forms = [open_form_to_switch_off(browsers[0], other), open_form_to_switch_off(browsers[1], one)]
    deployment.provider.behave(idp=SLOWLY)
    answers = at_once(forms)
    deployment.provider.behave()
    assert sorted(answer.status_code for answer in answers) == [302, 403]
    assert len(superusers_left(deployment)) == 1


# end capability console


# begin capability console
def test_one_superuser_remains_after_both_act_in_different_ways(
    deployment: Deployment, two: tuple[Person, Person]
) -> None:
    one, other = two
    signed_in(deployment, other)
    switch_off_other = open_form_to_switch_off(signed_in(deployment, one), other)
    deployment.provider.received.clear()
    deployment.provider.behave(idp=SLOWLY)
    with ThreadPoolExecutor(1) as threads:
        disabling = threads.submit(act, deployment, other, "disable", one, {})
        # This request has already read that no user is disabled on this site.
        wait_until(lambda: deployment.provider.hits("ListUsersInGroup") == 1)
        answer = switch_off_other()
        assert (disabling.result().status_code, answer.status_code) == (204, 403)
    deployment.provider.behave()
    assert len(superusers_left(deployment)) == 1


# end capability console


# begin capability console
def test_both_superusers_lose_their_rights_if_a_third_remains(
    deployment: Deployment, two: tuple[Person, Person]
) -> None:
    one, other = two
    third = Person(groups=[SUPERUSERS])
    deployment.provider.pool.people.append(third)
    deployment.provider.behave(idp=SLOWLY)
    answers = at_once(
        [
            partial(act, deployment, one, "disable", other, {}),
            partial(act, deployment, other, "disable", one, {}),
        ]
    )
    deployment.provider.behave()
    assert [answer.status_code for answer in answers] == [204, 204]
    assert superusers_left(deployment) == [third.sub]


# end capability console


def test_one_superuser_remains_after_both_delete_their_own_accounts(
    deployment: Deployment, two: tuple[Person, Person]
) -> None:
    for person in two:
        signed_in(deployment, person)
    deployment.provider.behave(idp=SLOWLY)
    answers = at_once([partial(delete_me, deployment, person) for person in two])
    deployment.provider.behave()
    assert sorted(answer.status_code for answer in answers) == [204, 403]
    assert [one.json()["code"] for one in answers if one.content] == ["last_superuser"]
    assert len(superusers_left(deployment)) == 1


def delete_me(deployment: Deployment, person: Person) -> requests.Response:
    token = deployment.provider.pool.factory(person).access(person.access_claims())
    return requests.delete(
        f"{deployment.public_url}/api/v1/me",
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    )
