"""The second factor on the pages of the profile: set-up, switching off, and access."""

from __future__ import annotations

import html
import logging
import re
from urllib.parse import unquote

import pytest
from django.test import Client

from accounts.models import AuditEvent, BrowserSession
from accounts.own_account.authenticator_app import AppSetUp
from accounts.rate_limits import limits
from accounts.rate_limits.counters import Limit
from project.logs.configuration import JsonFormatter
from tests.accounts.own_account.authenticator import (
    CONFIRM,
    OFF,
    PAGE,
    SET_UP,
    begin,
    changes,
    right_code,
    set_up_field,
    shown_key,
    signs_in_with_codes,
    text_of,
    wrong_code,
)
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db

REFRESH = "GetTokensFromRefreshToken"


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
def visitor(browser: Browser, person: Person) -> Browser:
    return browser.signed_in(person)


def test_authenticator_app_is_set_up_and_switched_off(
    visitor: Browser, person: Person, clock: Clock
) -> None:
    assert "Off</span>" in text_of(visitor.get(PAGE))
    page = visitor.post(SET_UP)
    assert page["Cache-Control"] == "no-store"
    assert shown_key(page) == person.totp_secret
    assert not signs_in_with_codes(person), (
        "showing the secret does not switch the second factor on"
    )

    code = right_code(person, clock)
    halves = f"{code[:3]} {code[3:]}"
    done = visitor.post(CONFIRM, {"set_up": set_up_field(page), "code": halves})
    assert (done.status_code, done["Location"]) == (302, PAGE)
    assert signs_in_with_codes(person)
    assert "On</span>" in text_of(visitor.get(PAGE))

    assert visitor.get(OFF).status_code == 200
    assert signs_in_with_codes(person), (
        "the confirmation page does not switch the second factor off"
    )
    done = visitor.post(OFF)
    assert (done.status_code, done["Location"]) == (302, PAGE)
    assert not signs_in_with_codes(person)
    assert "Off</span>" in text_of(visitor.get(PAGE))
    assert changes() == [("totp_on", "success", person.sub), ("totp_off", "success", person.sub)]


def test_qr_code_is_an_image_without_scripts(visitor: Browser, person: Person) -> None:
    page = visitor.post(SET_UP)
    (source,) = re.findall(r'<img class="qr" src="([^"]+)"', page.content.decode())
    app = AppSetUp(person.email, person.totp_secret)
    assert html.unescape(source) == app.qr_code
    svg = unquote(app.qr_code)
    assert svg.startswith("data:image/svg+xml;charset=utf-8,<svg")
    assert not re.search(r"script|href|onload|style=", svg)
    assert person.email in text_of(page)


def test_wrong_code_shows_the_same_key_again(
    visitor: Browser, person: Person, provider: Provider, clock: Clock
) -> None:
    field, secret = begin(visitor), person.totp_secret
    again = visitor.post(CONFIRM, {"set_up": field, "code": wrong_code(person, clock)})
    assert again.status_code == 400
    assert "This code is wrong, or too old." in text_of(again)
    assert shown_key(again) == secret
    assert provider.hits("AssociateSoftwareToken") == 1
    assert (signs_in_with_codes(person), changes()) == (False, [])

    code = right_code(person, clock)
    assert visitor.post(CONFIRM, {"set_up": set_up_field(again), "code": code}).status_code == 302
    assert signs_in_with_codes(person)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "123456\0"])
def test_malformed_code_is_refused_without_a_call(
    visitor: Browser, provider: Provider, code: str
) -> None:
    field = begin(visitor)
    again = visitor.post(CONFIRM, {"set_up": field, "code": code})
    assert again.status_code == 400
    assert "A code has six digits." in text_of(again)
    assert provider.hits("VerifySoftwareToken") == 0


@pytest.mark.slow
def test_five_codes_are_allowed_in_fifteen_minutes(
    visitor: Browser, person: Person, provider: Provider, clock: Clock
) -> None:
    field = begin(visitor)
    for _ in range(5):
        wrong = visitor.post(CONFIRM, {"set_up": field, "code": wrong_code(person, clock)})
        assert wrong.status_code == 400
    late = visitor.post(CONFIRM, {"set_up": field, "code": right_code(person, clock)})
    assert late.status_code == 429
    assert 0 < int(late["Retry-After"]) <= 900
    assert "Too many wrong codes" in text_of(late)
    assert provider.hits("VerifySoftwareToken") == 5
    assert not signs_in_with_codes(person)

    clock.advance(901)
    visitor.confirm()
    field = begin(visitor)
    code = right_code(person, clock)
    assert visitor.post(CONFIRM, {"set_up": field, "code": code}).status_code == 302


def test_wrong_codes_in_the_api_count_as_well(
    visitor: Browser, provider: Provider, person: Person, clock: Clock
) -> None:
    field = begin(visitor)
    (token,) = provider.pool.access_tokens[:1]
    wrong = {"code": wrong_code(person, clock)}
    for _ in range(5):
        answer = Client().put(
            "/api/v1/me/mfa/totp",
            wrong,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 400
    code = right_code(person, clock)
    assert visitor.post(CONFIRM, {"set_up": field, "code": code}).status_code == 429


def test_outage_does_not_count_as_an_attempt(
    visitor: Browser, person: Person, provider: Provider, clock: Clock
) -> None:
    field = begin(visitor)
    provider.behave(confirm_totp="status:500")
    for _ in range(6):
        failed = visitor.post(CONFIRM, {"set_up": field, "code": right_code(person, clock)})
        assert failed.status_code == 503
    provider.behave()
    done = visitor.post(CONFIRM, {"set_up": field, "code": right_code(person, clock)})
    assert done.status_code == 302


@pytest.mark.parametrize("forged", ["", "nonsense", "\0", "gAAAAA"])
def test_forged_set_up_is_refused(visitor: Browser, provider: Provider, forged: str) -> None:
    answer = visitor.post(CONFIRM, {"set_up": forged, "code": "123456"})
    assert answer.status_code == 400
    assert "This set-up has expired" in text_of(answer)
    assert provider.hits("VerifySoftwareToken") == 0


def test_set_up_expires_after_fifteen_minutes(
    visitor: Browser, person: Person, clock: Clock
) -> None:
    field = begin(visitor)
    clock.advance(901)
    answer = visitor.post(CONFIRM, {"set_up": field, "code": right_code(person, clock)})
    assert answer.status_code == 400
    assert "This set-up has expired" in text_of(answer)
    assert not signs_in_with_codes(person)


@pytest.mark.parametrize("code", ["12345", "wrong"])
def test_wrong_code_does_not_extend_the_time_of_the_set_up(
    visitor: Browser, person: Person, clock: Clock, code: str
) -> None:
    """Otherwise an open form would replace the recent sign-in for ever."""
    field = begin(visitor)
    clock.advance(600)
    sent = wrong_code(person, clock) if code == "wrong" else code
    again = visitor.post(CONFIRM, {"set_up": field, "code": sent})
    clock.advance(600)
    answer = visitor.post(
        CONFIRM, {"set_up": set_up_field(again), "code": right_code(person, clock)}
    )
    assert answer.status_code == 400
    assert "This set-up has expired" in text_of(answer)
    assert not signs_in_with_codes(person)


def test_set_up_of_another_session_is_refused(
    visitor: Browser, new_browser: NewBrowser, person: Person, clock: Clock
) -> None:
    field = begin(visitor)
    victim = Person(email="eve@example.com")
    other = new_browser().signed_in(victim)
    begin(other)
    answer = other.post(CONFIRM, {"set_up": field, "code": right_code(victim, clock)})
    assert answer.status_code == 400
    assert not signs_in_with_codes(victim)
    refresh_token = BrowserSession.objects.get(user__sub=victim.sub).refresh_token
    answer = other.post(CONFIRM, {"set_up": refresh_token, "code": "123456"})
    assert answer.status_code == 400, "an encrypted refresh token is not a valid set-up"


def test_secret_is_neither_logged_nor_stored(
    visitor: Browser, person: Person, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    field, code = begin(visitor), right_code(person, clock)
    visitor.post(CONFIRM, {"set_up": field, "code": wrong_code(person, clock)})
    visitor.post(CONFIRM, {"set_up": field, "code": code})
    assert signs_in_with_codes(person)
    assert person.totp_secret not in field
    logged = "\n".join(JsonFormatter().format(record) for record in caplog.records)
    assert person.totp_secret not in logged
    assert code not in re.findall(r"\b[0-9]{6}\b", logged)
    assert person.totp_secret not in str(dict(visitor.session))
    assert person.totp_secret not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize("path", [PAGE, OFF])
def test_visitor_is_redirected_to_sign_in(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=%2Faccounts%2Fsecond-factor%2F")


@pytest.mark.parametrize("path", [SET_UP, CONFIRM, OFF])
def test_post_of_a_visitor_changes_nothing(browser: Browser, provider: Provider, path: str) -> None:
    answer = browser.post(path)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert provider.received == []


@pytest.mark.parametrize("path", [SET_UP, CONFIRM, OFF])
def test_post_from_another_site_is_refused(
    new_browser: NewBrowser, person: Person, provider: Provider, path: str
) -> None:
    browser = new_browser(enforce_csrf_checks=True).signed_in(person)
    assert browser.post(path).status_code == 403
    assert provider.hits(REFRESH) == 0


@pytest.mark.parametrize("path", [SET_UP, CONFIRM])
def test_get_of_a_set_up_address_redirects_to_the_beginning(
    visitor: Browser, provider: Provider, path: str
) -> None:
    answer = visitor.get(path)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert provider.hits(REFRESH) == 0


def test_pages_of_the_account_have_the_rate_limits_of_the_api(
    visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CALLS", Limit(4, 300))
    monkeypatch.setattr(limits, "CHANGES", Limit(2, 300))
    assert [visitor.get(PAGE).status_code for _ in range(2)] == [200, 200]
    assert [visitor.post(OFF).status_code for _ in range(2)] == [302, 302]
    refused = visitor.post(OFF)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 300
    assert "Nothing has changed" in text_of(refused)
    assert visitor.get(PAGE).status_code == 429
    assert AuditEvent.objects.filter(action="totp_off").count() == 2
