"""Browser sessions of a pool that tracks devices."""

from __future__ import annotations

import pytest

from accounts.models import BrowserSession
from tests.accounts.leaving import EVERYWHERE
from tests.support.provider.browser import Browser
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db


def test_sign_out_everywhere_sends_the_key_of_the_device(
    browser: Browser, provider: Provider
) -> None:
    provider.pool.tracks_devices = True
    browser.signed_in()
    browser.post(EVERYWHERE)
    assert provider.hits("GlobalSignOut") == 1
    assert provider.pool.live_sign_ins() == 0


@pytest.mark.parametrize("device_key", ["x" * 56, "no key", 5, ["eu-west-1_ab"], ""])
def test_malformed_device_key_is_not_stored(
    browser: Browser, provider: Provider, monkeypatch: pytest.MonkeyPatch, device_key: object
) -> None:
    monkeypatch.setattr("tests.support.provider.pool.DEVICE_KEY", device_key)
    provider.pool.tracks_devices = True
    browser.signed_in()
    assert BrowserSession.objects.get().device_key == ""
