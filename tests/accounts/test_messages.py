"""Messages to operators are stored in their session, not in a cookie."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.support.provider.browser import Browser
from tests.support.provider.people import Person

pytestmark = pytest.mark.django_db


def test_no_cookie_contains_the_message_to_an_operator(browser: Browser) -> None:
    victim = User.objects.create(issuer="elsewhere", sub="1", name="Someone Particular")
    browser.signed_in_at_hosted_ui(Person(groups=["operators"]))
    answer = browser.post(f"/admin/accounts/user/{victim.pk}/change/", {})
    assert answer.status_code == 302
    cookies = {name.rpartition("-")[2] for name in browser.cookies}
    assert cookies <= {"session", "csrf"}
    assert "Particular" not in browser.cookie_header
    # The front page shows the latest events, which name the user as well.
    page = "/admin/accounts/browsersession/"
    assert b"Someone Particular" in browser.get(page).content, (
        "the next page shows the message, and only that page"
    )
    assert b"Someone Particular" not in browser.get(page).content
