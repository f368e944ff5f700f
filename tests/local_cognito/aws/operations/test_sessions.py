from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.local_cognito.aws.operations.conftest import TestPool

pytestmark = pytest.mark.ministack


@pytest.fixture
def tracked(pool: TestPool) -> Iterator[TestPool]:
    """A pool that tracks sessions, at most three for each user."""
    track(pool, "ENABLED", 3)
    yield pool
    track(pool, "DISABLED", 20)


def track(pool: TestPool, tracking: Any, maximum: int) -> None:
    pool.cognito.set_user_pool_session_configuration(
        UserPoolId=pool.user_pool_id,
        UserSessionTracking=tracking,
        TokenSession={"MaxPerUser": maximum},
    )


def listed(pool: TestPool, email: str) -> list[Any]:
    answer = pool.cognito.admin_list_user_sessions(UserPoolId=pool.user_pool_id, Username=email)
    return list(answer["Sessions"])


def can_refresh(pool: TestPool, tokens: Any) -> bool:
    try:
        pool.cognito.get_tokens_from_refresh_token(
            ClientId=pool.client_id, RefreshToken=tokens["RefreshToken"]
        )
    except pool.cognito.exceptions.NotAuthorizedException:
        return False
    return True


def test_pool_tracks_nothing_by_default(pool: TestPool) -> None:
    configuration = pool.cognito.get_user_pool_session_configuration(UserPoolId=pool.user_pool_id)
    assert configuration["UserSessionTracking"] == "DISABLED"
    assert configuration["TokenSession"]["MaxPerUser"] == 20
    with pytest.raises(pool.cognito.exceptions.OperationNotEnabledException):
        listed(pool, pool.new_user())


def test_each_sign_in_is_a_session_that_can_be_revoked(tracked: TestPool) -> None:
    email = tracked.new_user()
    first, second = tracked.signs_in(email), tracked.signs_in(email)
    sessions: Any = tracked.cognito.list_user_sessions(AccessToken=second["AccessToken"])[
        "Sessions"
    ]
    assert [session["SessionType"] for session in sessions] == ["TOKEN", "TOKEN"]
    assert [session["ClientId"] for session in sessions] == [tracked.client_id] * 2
    [mine] = [session for session in sessions if session["IsCurrentSession"]]
    [other] = [session for session in sessions if not session["IsCurrentSession"]]
    with pytest.raises(tracked.cognito.exceptions.InvalidParameterException):
        tracked.cognito.revoke_user_session(
            AccessToken=second["AccessToken"], SessionId=mine["SessionId"]
        )
    tracked.cognito.revoke_user_session(
        AccessToken=second["AccessToken"], SessionId=other["SessionId"]
    )
    assert not can_refresh(tracked, first)
    with pytest.raises(tracked.cognito.exceptions.NotAuthorizedException):
        tracked.cognito.get_user(AccessToken=first["AccessToken"])
    assert can_refresh(tracked, second)
    assert [session["SessionId"] for session in listed(tracked, email)] == [mine["SessionId"]]
    assert listed(tracked, email)[0]["IsCurrentSession"] is False


def test_operator_revokes_a_session_of_its_user_only(tracked: TestPool) -> None:
    email = tracked.new_user()
    tokens = tracked.signs_in(email)
    session_id = listed(tracked, email)[0]["SessionId"]
    for username, identity in ((tracked.new_user(), session_id), (email, "tkn" + "a" * 25)):
        with pytest.raises(tracked.cognito.exceptions.ResourceNotFoundException):
            tracked.cognito.admin_revoke_user_session(
                UserPoolId=tracked.user_pool_id, Username=username, SessionId=identity
            )
    assert can_refresh(tracked, tokens)
    tracked.cognito.admin_revoke_user_session(
        UserPoolId=tracked.user_pool_id, Username=email, SessionId=session_id
    )
    assert not can_refresh(tracked, tokens)
    assert listed(tracked, email) == []


def test_sign_in_above_the_limit_ends_the_one_that_was_used_least_recently(
    tracked: TestPool,
) -> None:
    email = tracked.new_user()
    tokens = [tracked.signs_in(email) for _ in range(3)]
    assert can_refresh(tracked, tokens[0])
    tokens.append(tracked.signs_in(email))
    assert len(listed(tracked, email)) == 3
    assert [can_refresh(tracked, one) for one in tokens] == [True, False, True, True]


def test_sign_out_everywhere_leaves_no_session(tracked: TestPool) -> None:
    email = tracked.new_user()
    tokens = tracked.signs_in(email)
    tracked.cognito.global_sign_out(AccessToken=tokens["AccessToken"])
    assert listed(tracked, email) == []


def test_address_of_the_user_is_shown(tracked: TestPool) -> None:
    email = tracked.new_user()
    tracked.cognito.initiate_auth(
        ClientId=tracked.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": "Example-demo-1"},
        UserContextData={"IpAddress": "192.0.2.7"},
    )
    assert listed(tracked, email)[0]["LastIPAddress"] == "192.0.2.7"
