"""Users see the devices that they are signed in on, and sign them out."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import BrowserSession, Revocation
from accounts.own_account.device_pages import MAX_DEVICES, place_of
from accounts.rate_limits import limits
from accounts.rate_limits.counters import Limit
from tests.accounts.own_account.account import DEVICES, END_ALL, END_OTHERS, events, notices
from tests.accounts.own_account.authenticator import text_of
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


def listed(page: str) -> list[str]:
    return re.findall(r"<strong>([^<]+)</strong>", page)


def test_devices_are_listed_with_browser_place_and_last_use(
    visitor: Browser, new_browser: NewBrowser, person: Person, clock: Clock
) -> None:
    other = new_browser(HTTP_USER_AGENT=FIREFOX).signed_in(person)
    BrowserSession.objects.filter(pk=other.session["browser_session_id"]).update(
        address="198.51.100.7", last_seen_at=clock.now() - timedelta(hours=2)
    )
    page = text_of(visitor.get(DEVICES))
    assert listed(page) == ["Unknown browser", "Firefox on Windows"]
    assert page.index("This device") < page.index("Firefox on Windows")
    assert "In use now" in page
    assert "Last used 2\xa0hours ago" in page
    assert "Signed in from another network (198.51.100.7)" in page


def test_expired_sessions_and_those_of_other_users_are_not_listed(
    visitor: Browser, new_browser: NewBrowser, person: Person, clock: Clock
) -> None:
    new_browser(HTTP_USER_AGENT=FIREFOX).signed_in(person)
    BrowserSession.objects.filter(user_agent=FIREFOX).update(
        last_seen_at=clock.now() - timedelta(days=2)
    )
    new_browser(HTTP_USER_AGENT=FIREFOX).signed_in(Person(email="grace@example.com"))
    assert listed(text_of(visitor.get(DEVICES))) == ["Unknown browser"]


def test_long_list_is_cut(visitor: Browser) -> None:
    row = BrowserSession.objects.get()
    now = timezone.now()
    BrowserSession.objects.bulk_create(
        BrowserSession(user=row.user, signed_in_at=now, last_seen_at=now, renewed_at=now)
        for _ in range(MAX_DEVICES + 5)
    )
    page = text_of(visitor.get(DEVICES))
    assert len(listed(page)) == MAX_DEVICES
    assert "There may be more." in page


def test_device_is_signed_out_with_a_message(
    visitor: Browser, new_browser: NewBrowser, person: Person
) -> None:
    other = new_browser(HTTP_USER_AGENT=FIREFOX).signed_in(person)
    pk = other.session["browser_session_id"]
    done = visitor.post(f"/accounts/sessions/{pk}/end/")
    assert (done.status_code, done["Location"]) == (302, DEVICES)
    assert notices(visitor.get(DEVICES)) == ["Signed out Firefox on Windows."]
    assert not other.is_signed_in()


def test_device_of_another_user_cannot_be_signed_out(
    visitor: Browser, new_browser: NewBrowser
) -> None:
    other = new_browser().signed_in(Person(email="grace@example.com"))
    pk = other.session["browser_session_id"]
    assert visitor.post(f"/accounts/sessions/{pk}/end/").status_code == 404
    assert other.is_signed_in()


def test_all_other_devices_are_signed_out(
    visitor: Browser, new_browser: NewBrowser, person: Person, provider: Provider
) -> None:
    others = [new_browser().signed_in(person) for _ in range(2)]
    grace = new_browser().signed_in(Person(email="grace@example.com"))
    done = visitor.post(END_OTHERS)
    assert (done.status_code, done["Location"]) == (302, DEVICES)
    assert notices(visitor.get(DEVICES)) == ["Signed out all other devices."]
    assert [one.is_signed_in() for one in (visitor, *others, grace)] == [
        True,
        False,
        False,
        True,
    ]
    assert provider.hits("RevokeToken") == 2
    assert Revocation.objects.get().sub == person.sub
    assert events() == [("sign_out_others", "success", "")]


def test_other_devices_are_signed_out_while_cognito_fails(
    visitor: Browser, new_browser: NewBrowser, person: Person, provider: Provider, clock: Clock
) -> None:
    others = [new_browser().signed_in(person) for _ in range(2)]
    provider.behave(revoke="status:500")
    assert visitor.post(END_OTHERS).status_code == 302
    assert not any(one.is_signed_in() for one in others)
    assert provider.hits("RevokeToken") == 1
    assert Revocation.objects.get().expires_at > clock.now() + timedelta(days=20)


def test_trail_of_repeated_sign_outs_is_bounded(
    visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.sign_out.views.RECORDED_SIGN_OUTS", Limit(2, limits.DAY))
    assert [visitor.post(END_OTHERS).status_code for _ in range(4)] == [302] * 4
    assert len(events()) == 2


@pytest.mark.parametrize("path", [END_OTHERS, END_ALL])
def test_signing_out_needs_a_session_and_a_csrf_token(
    new_browser: NewBrowser, person: Person, path: str
) -> None:
    assert new_browser().post(path)["Location"] == "/accounts/login/"
    attacked = new_browser(enforce_csrf_checks=True).signed_in(person)
    assert attacked.post(path).status_code == 403
    assert attacked.get(path).status_code == 405
    assert attacked.is_signed_in()


@pytest.mark.parametrize(
    ("address", "here", "place"),
    [
        (None, "203.0.113.7", "an unknown address"),
        ("127.0.0.1", "127.0.0.1", "the computer that this site runs on"),
        ("::1", None, "the computer that this site runs on"),
        ("203.0.113.7", "203.0.113.7", "the network that you use now (203.0.113.7)"),
        ("2001:db8::1", "2001:db8::2", "the network that you use now (2001:db8::1)"),
        ("10.1.2.3", "203.0.113.7", "a private network (10.1.2.3)"),
        ("8.8.8.8", "203.0.113.7", "another network (8.8.8.8)"),
        ("8.8.8.8", None, "another network (8.8.8.8)"),
    ],
)
def test_place_is_what_an_address_tells(address: str | None, here: str | None, place: str) -> None:
    assert place_of(address, here=here) == place
