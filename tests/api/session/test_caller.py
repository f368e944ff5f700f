"""What a view learns about a caller with a session, with a token, and with neither."""

from __future__ import annotations

import pytest

from tests.api.session.conftest import OwnPage
from tests.support.answers import assert_problem, body_of
from tests.support.tokens import tokens_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.urls")]

PATH = "/api/v1/of-the-caller"
OF_A_TOKEN = ["claims", "token", "derived"]


def test_view_learns_the_principal_of_every_caller(ada: OwnPage) -> None:
    token = tokens_of("another-user").access(scope="openid")
    of_session, of_token = (
        ada(f"{PATH}/principal"),
        ada(f"{PATH}/principal", authorization=f"Bearer {token}"),
    )
    assert body_of(of_session)["found"] == ada.browser.provider.person.sub
    assert body_of(of_token)["found"] == "another-user"


def test_view_learns_the_claims_of_a_token(ada: OwnPage) -> None:
    factory = tokens_of("another-user")
    token = factory.access(scope="openid")
    found = {
        what: body_of(ada(f"{PATH}/{what}", authorization=f"Bearer {token}"))["found"]
        for what in ("claims", "token")
    }
    assert found == {"claims": factory.client_id, "token": token}


@pytest.mark.parametrize("what", OF_A_TOKEN)
def test_session_is_refused_what_only_a_token_gives(ada: OwnPage, what: str) -> None:
    assert_problem(ada(f"{PATH}/{what}"), 403, "token_required")


@pytest.mark.parametrize("what", ["principal", *OF_A_TOKEN])
def test_visitor_is_asked_to_authenticate(ada: OwnPage, what: str) -> None:
    response = ada(f"{PATH}/{what}", sec_fetch_site="cross-site")
    assert_problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"].startswith("Bearer ")
