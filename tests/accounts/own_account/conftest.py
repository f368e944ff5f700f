"""A user who is signed in."""

from __future__ import annotations

import pytest

from tests.support.provider.browser import Browser
from tests.support.provider.people import Person


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
def visitor(browser: Browser, person: Person) -> Browser:
    return browser.signed_in(person)
