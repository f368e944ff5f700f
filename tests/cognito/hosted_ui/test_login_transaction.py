"""Tests of login transactions."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito.errors import InvalidTransaction
from cognito.hosted_ui import login_transaction

KEY = "the server's key"
NOW = 1_800_000_000.0


def begin(next_path: str = "/accounts/profile/") -> login_transaction.LoginTransaction:
    return login_transaction.begin(key=KEY, next_path=next_path, now=NOW)


def resume(
    *cookies: str, state: str, keys: tuple[str, ...] = (KEY,), now: float = NOW
) -> login_transaction.LoginTransaction:
    return login_transaction.resume(cookies, unverified_state=state, keys=keys, now=now)


def test_transaction_is_resumed_by_its_state() -> None:
    begun = begin()
    assert resume("junk", begin().cookie_value, begun.cookie_value, state=begun.state) == begun


def test_state_nonce_and_verifier_have_256_bits_and_differ() -> None:
    values = [
        value for tx in (begin(), begin()) for value in (tx.state, tx.nonce, tx.code_verifier)
    ]
    assert len(set(values)) == 6
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", value) for value in values)


def test_cookie_contains_none_of_the_secrets() -> None:
    begun = begin()
    for secret in (begun.code_verifier, begun.state, begun.nonce):
        assert secret not in begun.cookie_value
        assert secret not in repr(begun)


def test_code_challenge_is_the_s256_digest_of_the_verifier() -> None:
    begun = begin()
    digest = hashlib.sha256(begun.code_verifier.encode()).digest()
    assert begun.code_challenge == base64.urlsafe_b64encode(digest).decode().rstrip("=")


def test_state_of_another_browser_is_refused() -> None:
    with pytest.raises(InvalidTransaction):
        resume(begin().cookie_value, state=begin().state)


def test_cookie_of_another_server_key_is_refused() -> None:
    begun = begin()
    with pytest.raises(InvalidTransaction):
        resume(begun.cookie_value, state=begun.state, keys=("another key",))


def test_transaction_is_resumed_after_a_change_of_the_server_key() -> None:
    begun = begin()
    assert resume(begun.cookie_value, state=begun.state, keys=("new", KEY)) == begun


@pytest.mark.parametrize(
    ("age", "is_valid"), [(0, True), (899, True), (900, True), (901, False), (-1, False)]
)
def test_transaction_expires_after_fifteen_minutes(age: int, is_valid: bool) -> None:
    begun = begin()
    if is_valid:
        assert resume(begun.cookie_value, state=begun.state, now=NOW + age) == begun
    else:
        with pytest.raises(InvalidTransaction):
            resume(begun.cookie_value, state=begun.state, now=NOW + age)


@given(st.data())
def test_changed_cookie_is_refused(data: st.DataObject) -> None:
    begun = begin()
    position = data.draw(st.integers(0, len(begun.cookie_value) - 1))
    character = data.draw(st.characters(min_codepoint=32, max_codepoint=126))
    changed = begun.cookie_value[:position] + character + begun.cookie_value[position + 1 :]
    if changed == begun.cookie_value:
        assert resume(changed, state=begun.state) == begun
    else:
        with pytest.raises(InvalidTransaction):
            resume(changed, state=begun.state)


@given(st.text(), st.text())
def test_invalid_cookies_and_states_are_refused_without_another_error(
    cookie: str, state: str
) -> None:
    with pytest.raises(InvalidTransaction):
        resume(cookie, f"{'A' * 43}.1.A", f"{'A' * 43}.1.{cookie}", state=state)


@given(st.from_regex(r"\A/[!-~]{0,399}\Z"))
def test_next_path_is_restored_exactly(next_path: str) -> None:
    begun = begin(next_path)
    assert resume(begun.cookie_value, state=begun.state).next_path == next_path
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,620}", begun.cookie_value)


@pytest.mark.parametrize("next_path", ["/" + "x" * 400, "/ä"])
def test_next_path_that_does_not_fit_into_the_cookie_raises(next_path: str) -> None:
    with pytest.raises(ValueError, match="next_path"):
        begin(next_path)
