"""Refresh tokens of a pool that tracks devices."""

from __future__ import annotations

import pytest

from tests.api.auth.conftest import Api
from tests.support.answers import assert_problem, body_of
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

DEVICE_KEY = "eu-west-1_0b6ed9f2-6f0c-4c43-8f5a-3f2a1c9a7d10"


def test_device_key_is_returned_with_the_tokens_and_sent_with_refresh_and_sign_out(
    api: Api, stub: PoolStub
) -> None:
    stub.answer("InitiateAuth", stub.tokens(device_key=DEVICE_KEY))
    tokens = body_of(api.send("sign-in"))
    assert tokens["device_key"] == DEVICE_KEY
    sent = {name: tokens[name] for name in ("refresh_token", "device_key")}
    assert api("refresh", sent).status_code == 200
    assert api("sign-out", sent).status_code == 204
    assert [one["DeviceKey"] for one in stub.calls("GetTokensFromRefreshToken")] == [DEVICE_KEY] * 2


def test_tokens_of_an_untracked_device_have_no_device_key(api: Api, stub: PoolStub) -> None:
    assert "device_key" not in body_of(api.send("sign-in"))
    api.send("refresh")
    assert "DeviceKey" not in stub.calls("GetTokensFromRefreshToken")[0]


@pytest.mark.parametrize("device_key", ["", "x" * 56, "no key", f"{DEVICE_KEY}\n", 5])
def test_malformed_device_key_is_refused(api: Api, stub: PoolStub, device_key: object) -> None:
    problem = assert_problem(api.send("refresh", device_key=device_key), 400, "validation_failed")
    assert list(problem["errors"]) == ["device_key"]
    assert stub.received == []
