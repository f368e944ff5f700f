"""Sessions at the hosted UI, as the user pool's API lists and revokes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.demo import OPERATOR
from tests.local_cognito.login.conftest import Browser, json_of

pytestmark = pytest.mark.ministack


@pytest.fixture
def tracked(browser: Browser) -> Iterator[Browser]:
    track(browser, "ENABLED")
    yield browser
    track(browser, "DISABLED")


def track(browser: Browser, tracking: Any) -> None:
    cognito: Any = browser.aws.cognito()
    cognito.set_user_pool_session_configuration(
        UserPoolId=browser.pool.user_pool_id,
        UserSessionTracking=tracking,
        TokenSession={"MaxPerUser": 20},
    )


def sessions(browser: Browser) -> dict[str, list[Any]]:
    """Return the operator's sessions by their type."""
    cognito: Any = browser.aws.cognito()
    answer = cognito.admin_list_user_sessions(
        UserPoolId=browser.pool.user_pool_id, Username=OPERATOR.email
    )
    by_type: dict[str, list[Any]] = {"SSO": [], "TOKEN": []}
    for session in answer["Sessions"]:
        by_type[session["SessionType"]].append(session)
    return by_type


def end_all(browser: Browser) -> None:
    for one in (*sessions(browser)["SSO"], *sessions(browser)["TOKEN"]):
        revoke(browser, one["SessionId"])


def revoke(browser: Browser, session_id: str, linked: Any = "NONE") -> None:
    cognito: Any = browser.aws.cognito()
    cognito.admin_revoke_user_session(
        UserPoolId=browser.pool.user_pool_id,
        Username=OPERATOR.email,
        SessionId=session_id,
        RevokeAssociatedSessions=linked,
    )


def is_signed_in(browser: Browser) -> bool:
    return "code=" in browser.asks().location


def test_session_of_an_app_names_the_session_that_it_came_from(tracked: Browser) -> None:
    end_all(tracked)
    tracked.tokens()
    known = sessions(tracked)
    [hosted], [token] = known["SSO"], known["TOKEN"]
    assert token["OriginSessionId"] == hosted["SessionId"]
    assert token["ClientId"] == hosted["ClientId"] == tracked.pool.app_client_id


def test_revocation_of_a_session_takes_along_those_that_are_linked(tracked: Browser) -> None:
    end_all(tracked)
    tokens = tracked.tokens()
    [token] = sessions(tracked)["TOKEN"]
    revoke(tracked, token["SessionId"])
    assert json_of(tracked.refreshes(tokens["refresh_token"])) == {"error": "invalid_grant"}
    assert is_signed_in(tracked), "the session at the hosted UI goes on"
    tracked.tokens()
    [token] = sessions(tracked)["TOKEN"]
    revoke(tracked, token["SessionId"], "LINKED")
    assert not is_signed_in(tracked)
    assert sessions(tracked) == {"SSO": [], "TOKEN": []}


def test_revocation_of_a_hosted_session_can_take_its_apps_along(tracked: Browser) -> None:
    end_all(tracked)
    tokens = tracked.tokens()
    [hosted] = sessions(tracked)["SSO"]
    revoke(tracked, hosted["SessionId"], "LINKED")
    assert not is_signed_in(tracked)
    assert json_of(tracked.refreshes(tokens["refresh_token"])) == {"error": "invalid_grant"}


def test_app_may_accept_the_session_for_a_shorter_time(tracked: Browser) -> None:
    cognito: Any = tracked.aws.cognito()
    pool = tracked.pool
    names = {"UserPoolId": pool.user_pool_id, "ClientId": pool.app_client_id}
    shown = cognito.get_user_pool_client_session_configuration(**names)
    assert shown["SSOSession"]["MaxValidityMinutes"] == 60
    cognito.set_user_pool_client_session_configuration(
        **names, SSOSession={"MaxValidityMinutes": 10}
    )
    try:
        tracked.tokens()
        assert is_signed_in(tracked)
        tracked.later(10 * 60 + 1)
        assert not is_signed_in(tracked)
    finally:
        cognito.set_user_pool_client_session_configuration(
            **names, SSOSession={"MaxValidityMinutes": 60}
        )


def test_sign_out_at_the_hosted_ui_ends_its_session(tracked: Browser) -> None:
    end_all(tracked)
    tracked.tokens()
    tracked.asks("/logout", logout_uri="http://localhost:3000/", redirect_uri="")
    known = sessions(tracked)
    assert (known["SSO"], len(known["TOKEN"])) == ([], 1)
