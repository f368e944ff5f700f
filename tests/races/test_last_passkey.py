"""A user removes the last two passkeys at the same time: one remains."""

from __future__ import annotations

from functools import partial

import pytest
import requests

from tests.races.browser import HTTPBrowser, at_once
from tests.races.conftest import Deployment
from tests.support.provider.people import Passkey, Person


def remove(deployment: Deployment, token: str, passkey_id: str) -> requests.Response:
    return requests.delete(
        f"{deployment.public_url}/api/v1/me/passkeys/{passkey_id}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    )


@pytest.mark.parametrize("attempt", range(3))
def test_one_passkey_remains_after_both_are_removed(deployment: Deployment, attempt: int) -> None:
    person = Person(
        email=f"passkeys{attempt}@example.com",
        first_factors=[],
        passkeys=[Passkey("one"), Passkey("two")],
    )
    deployment.provider.person = person
    HTTPBrowser(deployment).signed_in()
    token = deployment.provider.pool.factory(person).access(person.access_claims())
    # Delay the pool, so that both requests ask for the passkeys before either has removed one.
    deployment.provider.behave(idp="delay:0.05")
    answers = at_once([partial(remove, deployment, token, one) for one in ("one", "two")])
    deployment.provider.behave()
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    assert [one.json()["code"] for one in answers if one.content] == ["last_factor"]
    assert len(person.passkeys) == 1
