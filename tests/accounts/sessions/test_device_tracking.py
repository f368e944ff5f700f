"""Browser sessions of a pool that tracks devices. A refresh needs the key of the device."""

from __future__ import annotations

import pytest

from accounts.models import BrowserSession
from tests.accounts.leaving import EVERYWHERE
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.pool import DEVICE_KEY
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db

REFRESH = "GetTokensFromRefreshToken"


def test_session_is_renewed_with_the_key_of_its_device(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    provider.pool.tracks_devices = provider.pool.rotates = True
    browser.signed_in()
    assert BrowserSession.objects.get().device_key == DEVICE_KEY
    for count in (1, 2):
        clock.advance(301)
        assert browser.is_signed_in()
        assert provider.hits(REFRESH) == count


def test_sign_out_everywhere_sends_the_key_of_the_device(
    browser: Browser, provider: Provider
) -> None:
    provider.pool.tracks_devices = True
    browser.signed_in()
    browser.post(EVERYWHERE)
    assert provider.hits("GlobalSignOut") == 1
    assert provider.pool.live_sign_ins() == 0


def test_session_of_an_untracked_device_sends_no_key(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    browser.signed_in()
    clock.advance(301)
    assert browser.is_signed_in()
    (asked,) = provider.requests(REFRESH)
    assert b"DeviceKey" not in asked.body


@pytest.mark.parametrize("device_key", ["x" * 56, "no key", 5, ["eu-west-1_ab"], ""])
def test_malformed_device_key_is_not_stored(
    browser: Browser, provider: Provider, monkeypatch: pytest.MonkeyPatch, device_key: object
) -> None:
    monkeypatch.setattr("tests.support.provider.pool.DEVICE_KEY", device_key)
    provider.pool.tracks_devices = True
    browser.signed_in()
    assert BrowserSession.objects.get().device_key == ""
