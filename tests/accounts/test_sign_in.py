"""An honest sign-in from beginning to end."""

from __future__ import annotations

import pytest

from accounts.models import BrowserSession, User
from tests.provider.browser import Browser
from tests.provider.provider import Provider

pytestmark = pytest.mark.django_db


def test_a_person_is_signed_in(browser: Browser, provider: Provider) -> None:
    response = browser.sign_in()
    assert (response.status_code, response["Location"]) == (302, "/")
    assert browser.is_signed_in
    assert User.objects.get().sub == provider.person.sub
    assert BrowserSession.objects.count() == 1
    assert provider.hits("/oauth2/token") == 1
