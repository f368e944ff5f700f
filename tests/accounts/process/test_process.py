"""The object that holds the state of a process."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts import conf, process
from accounts.process import ProcessState
from cognito.errors import WrongClient
from cognito.testing import TokenFactory


def test_changed_setting_counts_at_the_next_token(
    known_keys: None, tokens: TokenFactory, settings: Settings
) -> None:
    token = tokens.access()
    uses = frozenset({"access"})
    process.current.verification.verifier.verify(token, token_uses=uses)
    settings.COGNITO_CLIENT_ID = "another"
    with pytest.raises(WrongClient):
        process.current.verification.verifier.verify(token, token_uses=uses)


def test_change_of_another_setting_keeps_the_keys(known_keys: None, settings: Settings) -> None:
    before = process.current.verification
    settings.PUBLIC_URL = "https://another.example"
    assert process.current.verification is before


def test_replaced_process_has_its_own_state(
    monkeypatch: pytest.MonkeyPatch, known_keys: None
) -> None:
    before, verification = process.current, process.current.verification
    monkeypatch.setattr(process, "current", ProcessState())
    assert process.current.verification is not verification
    assert process.current.revocations is not before.revocations
    assert conf.pool_service().clients is process.current.aws is not before.aws
