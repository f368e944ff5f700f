from __future__ import annotations

import json
import time
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Revocation
from cognito.testing import WITHOUT
from tests.api.conftest import Caller
from tests.support.answers import assert_refused, body_of
from tests.support.tokens import SUB, Forge, access_claims, id_claims, machine_claims

pytestmark = pytest.mark.usefixtures("known_keys")


def test_a_user_sees_what_the_token_says(call: Caller, forge: Forge) -> None:
    expires = int(time.time()) + 600
    claims = access_claims(**{"cognito:groups": ["operators", "editors"], "exp": expires})

    response = call(forge.token(claims))

    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    me = body_of(response)
    assert datetime.fromisoformat(me.pop("expires_at")).timestamp() == expires
    assert me == {
        "kind": "user",
        "sub": SUB,
        "username": SUB,
        "token_use": "access",
        "client_id": "webclient1234567890",
        "scopes": ["aws.cognito.signin.user.admin", "email", "openid"],
        "groups": ["editors", "operators"],
    }


def test_a_machine_is_told_that_it_is_one(call: Caller, forge: Forge, settings: Settings) -> None:
    settings.COGNITO_API_CLIENT_IDS = frozenset({"robot1"})

    response = call(forge.token(machine_claims("robot1")))

    me = body_of(response)
    assert (response.status_code, me["kind"], me["sub"]) == (200, "machine", "robot1")
    assert (me["username"], me["groups"], me["scopes"]) == (None, [], ["api/read"])


def test_a_token_without_groups_and_scope_has_neither(call: Caller, forge: Forge) -> None:
    response = call(forge.token(access_claims(scope=WITHOUT)))

    me = body_of(response)
    assert (response.status_code, me["groups"], me["scopes"]) == (200, [], [])


def test_an_id_token_is_refused_and_told_why(call: Caller, forge: Forge) -> None:
    response = call(forge.token(id_claims()))

    assert_refused(response, "wrong_token_use")
    assert body_of(response)["detail"] == (
        "An access token is needed here, and an ID token was sent."
    )


def test_an_id_token_is_taken_where_the_settings_say_so(
    call: Caller, forge: Forge, settings: Settings
) -> None:
    settings.COGNITO_API_TOKEN_USES = frozenset({"access", "id"})

    response = call(forge.token(id_claims()))

    me = body_of(response)
    assert (response.status_code, me["token_use"], me["client_id"], me["username"]) == (
        200,
        "id",
        "webclient1234567890",
        SUB,
    )


def test_further_clients_are_accepted_by_name(
    call: Caller, forge: Forge, settings: Settings
) -> None:
    token = forge.token(access_claims(client_id="mobile1"))
    assert_refused(call(token), "wrong_client")

    settings.COGNITO_API_CLIENT_IDS = frozenset({"mobile1"})

    assert call(token).status_code == 200


def test_head_answers_as_get_without_a_body(call: Caller, forge: Forge) -> None:
    response = call(forge.token(), method="HEAD")

    assert (response.status_code, response.content) == (200, b"")


def test_the_emptiest_header_and_payload_will_do(call: Caller, forge: Forge) -> None:
    header = json.dumps(dict(reversed(forge.header().items())), indent=4).encode()
    payload = json.dumps(dict(reversed(access_claims().items())), indent=4).encode()

    assert call(forge.token(payload, header=header)).status_code == 200


@pytest.mark.django_db
def test_no_query_is_made_once_it_is_known_what_was_revoked(
    call: Caller, forge: Forge, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    call(forge.token())

    with django_assert_num_queries(0):
        assert call(forge.token()).status_code == 200
        assert call(forge.token(access_claims(jti="another"))).status_code == 200
        assert call(forge.token(sign=lambda _: b"x")).status_code == 401


@pytest.mark.django_db
def test_the_token_of_a_sign_in_that_ended_is_refused(
    call: Caller, forge: Forge, settings: Settings
) -> None:
    Revocation.objects.create(
        issuer=settings.COGNITO_ISSUER,
        origin_jti="ended",
        signed_in_until=timezone.now(),
        expires_at=timezone.now() + timedelta(days=1),
    )

    assert_refused(call(forge.token(access_claims(origin_jti="ended"))), "token_revoked")
    assert call(forge.token(access_claims(origin_jti="another"))).status_code == 200
