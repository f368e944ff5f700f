from __future__ import annotations

import pytest

from local_cognito.aws.tokens import levels


@pytest.mark.parametrize(
    ("methods", "level"),
    [
        ([], 0),
        (["fed"], 0),
        (["otp"], 0),
        (["pwd"], 1),
        (["email_otp"], 2),
        (["sms"], 2),
        (["swk"], 3),
        (["hwk"], 3),
        (["pwd", "sms"], 3),
        (["pwd", "email_otp"], 3),
        (["pwd", "swk"], 3),
        (["pwd", "otp"], 4),
    ],
)
def test_methods_satisfy_the_level_of_the_developer_guide(methods: list[str], level: int) -> None:
    assert levels.level(methods) == level


def test_two_distinct_methods_are_several() -> None:
    assert levels.authentication_methods(("pwd",)) == ["pwd"]
    assert levels.authentication_methods(("pwd", "pwd")) == ["pwd"]
    assert levels.authentication_methods(("pwd", "otp")) == ["pwd", "otp", "mfa"]


def test_pool_may_rename_levels() -> None:
    pool = {"AcrConfiguration": {"Level2": {"AcrValue": "urn:mine:2"}}}
    assert levels.names(pool)[2] == "urn:mine:2"
    assert levels.names(pool)[3] == "urn:cognito:loa:3"
    wanted = "urn:cognito:loa:4 urn:mine:2 urn:cognito:loa:2 unknown"
    assert levels.requested(pool, wanted) == [4, 2]
