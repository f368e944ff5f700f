from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Revocation
from cognito.testing import WITHOUT, TokenFactory
from tests.support.answers import assert_refused, body_of
from tests.support.caller import Caller
from tests.support.tokens import SUB, with_signature

pytestmark = pytest.mark.usefixtures("known_keys")


def test_user_gets_the_claims_of_the_token(call: Caller, tokens: TokenFactory) -> None:
    expires = int(time.time()) + 600
    token = tokens.access({"cognito:groups": ["operators", "editors"]}, exp=expires)

    response = call(token)

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
        "scopes": ["aws.cognito.signin.user.admin", "email", "openid", "profile"],
        "groups": ["editors", "operators"],
    }


def test_machine_client_gets_its_kind(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    settings.COGNITO_API_CLIENT_IDS = frozenset({"robot1"})

    response = call(tokens.machine(client_id="robot1"))

    me = body_of(response)
    assert (response.status_code, me["kind"], me["sub"]) == (200, "machine", "robot1")
    assert (me["username"], me["groups"], me["scopes"]) == (None, [], ["api/read"])


def test_token_without_groups_and_scopes_has_empty_lists(
    call: Caller, tokens: TokenFactory
) -> None:
    response = call(tokens.access({"cognito:groups": WITHOUT}, scope=WITHOUT))

    me = body_of(response)
    assert (response.status_code, me["groups"], me["scopes"]) == (200, [], [])


def test_refusal_of_an_id_token_names_the_reason(call: Caller, tokens: TokenFactory) -> None:
    response = call(tokens.id_token())

    assert_refused(response, "wrong_token_use")
    assert body_of(response)["detail"] == (
        "An access token is needed here, and an ID token was sent."
    )


def test_id_token_is_accepted_if_the_settings_allow_it(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    settings.COGNITO_API_TOKEN_USES = frozenset({"access", "id"})

    response = call(tokens.id_token())

    me = body_of(response)
    assert (response.status_code, me["token_use"], me["client_id"], me["username"]) == (
        200,
        "id",
        "webclient1234567890",
        SUB,
    )


def test_further_clients_are_accepted_by_their_ids(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    token = tokens.access(client_id="mobile1")
    assert_refused(call(token), "wrong_client")

    settings.COGNITO_API_CLIENT_IDS = frozenset({"mobile1"})

    assert call(token).status_code == 200


def test_head_gets_the_answer_of_get_without_a_body(call: Caller, tokens: TokenFactory) -> None:
    response = call(tokens.access(), method="HEAD")

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.django_db
def test_request_makes_no_query_after_the_revocations_are_loaded(
    call: Caller, tokens: TokenFactory, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    call(tokens.access())

    with django_assert_num_queries(0):
        assert call(tokens.access()).status_code == 200
        assert call(tokens.access(jti="another")).status_code == 200
        assert call(with_signature(tokens.access(), b"x")).status_code == 401


@pytest.mark.django_db
def test_token_of_an_ended_sign_in_is_refused(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    Revocation.objects.create(
        issuer=settings.COGNITO_ISSUER,
        origin_jti="ended",
        signed_in_until=timezone.now(),
        expires_at=timezone.now() + timedelta(days=1),
    )

    assert_refused(call(tokens.access(origin_jti="ended")), "token_revoked")
    assert call(tokens.access(origin_jti="another")).status_code == 200
