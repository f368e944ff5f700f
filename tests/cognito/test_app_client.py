"""The hash by which an app client with a secret is known."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode

import pytest

from cognito.app_client import AppClient


@pytest.mark.parametrize("username", ["ada@example.com", "é", ""])
def test_it_is_an_hmac_over_user_name_and_client_id(username: str) -> None:
    made = AppClient("client", "secret").secret_hash(username)
    expected = hmac.new(b"secret", username.encode() + b"client", hashlib.sha256).digest()
    assert b64decode(made, validate=True) == expected


def test_it_is_the_one_that_others_compute() -> None:
    """`printf 'userclient' | openssl dgst -sha256 -hmac secret -binary | base64`."""
    made = AppClient("client", "secret").secret_hash("user")
    assert made == "wvW87lzZoI+qQCVGmWVBJLlucdJ65huAVP1z+0MgA6E="


def test_the_secret_is_not_shown() -> None:
    assert repr(AppClient("client", "hush")) == "AppClient(id='client')"
