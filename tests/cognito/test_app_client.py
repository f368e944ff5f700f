"""Tests of the secret hash of an app client."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode

import pytest

from cognito.app_client import AppClient


@pytest.mark.parametrize("username", ["ada@example.com", "é", ""])
def test_secret_hash_is_an_hmac_of_user_name_and_client_id(username: str) -> None:
    made = AppClient("client", "secret").secret_hash(username)
    expected = hmac.new(b"secret", username.encode() + b"client", hashlib.sha256).digest()
    assert b64decode(made, validate=True) == expected


def test_secret_hash_is_the_same_as_that_of_openssl() -> None:
    # printf 'userclient' | openssl dgst -sha256 -hmac secret -binary | base64
    made = AppClient("client", "secret").secret_hash("user")
    assert made == "wvW87lzZoI+qQCVGmWVBJLlucdJ65huAVP1z+0MgA6E="


def test_representation_does_not_contain_the_secret() -> None:
    assert repr(AppClient("client", "hush")) == "AppClient(id='client')"
