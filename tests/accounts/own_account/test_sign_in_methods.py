"""The factors at a glance, and passkeys that users add and remove on pages of the profile."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_django import Settings

from accounts.models import AuditEvent
from tests.accounts.own_account.authenticator import text_of
from tests.support.provider.browser import CALLBACK, PROFILE, Browser
from tests.support.provider.clock import Clock
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Passkey, Person
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db

PAGE = "/accounts/profile/sign-in-methods/"
ADD = "/accounts/profile/passkeys/add/"
REMOVE = "/accounts/profile/passkeys/remove/"
CREDENTIAL = {"credential": json.dumps({"id": "a-new-one", "type": "public-key", "response": {}})}


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
def visitor(browser: Browser, person: Person) -> Browser:
    return browser.signed_in(person)


def states(page: str) -> dict[str, str]:
    """Return the factors that a page shows, each with On or Off."""
    return dict(re.findall(r'<strong>([^<]+)</strong> <span class="tag[ a-z]*">(On|Off)<', page))


def changes() -> list[tuple[str, str, str]]:
    events = AuditEvent.objects.filter(action__startswith="passkey").order_by("pk")
    return list(events.values_list("action", "outcome", "actor_sub"))


def test_page_shows_what_protects_the_account(visitor: Browser, person: Person) -> None:
    assert f'href="{PAGE}"' in text_of(visitor.get(PROFILE))
    assert states(text_of(visitor.get(PAGE))) == {
        "Password": "On",
        "Passkeys": "Off",
        "Authenticator app": "Off",
        "Code by e-mail": "Off",
    }
    person.passkeys = [Passkey("one")]
    person.has_totp = True
    person.first_factors = ["EMAIL_OTP", "SMS_OTP"]
    assert states(text_of(visitor.get(PAGE))) == {
        "Password": "Off",
        "Passkeys": "On",
        "Authenticator app": "On",
        "Code by e-mail": "On",
        "Code by text message": "On",
    }


def test_passkeys_are_listed_with_name_and_date_the_newest_first(
    visitor: Browser, person: Person
) -> None:
    person.passkeys = [
        Passkey("old", "<b>Old</b>", created_at=1_700_000_000),
        Passkey("new", "", created_at=1_750_000_000),
    ]
    page = visitor.get(PAGE).content.decode()
    assert "&lt;b&gt;Old&lt;/b&gt;" in page
    assert page.index("15 June 2025, 15:06") < page.index("14 November 2023, 22:13")


def test_passkey_is_added_in_place(visitor: Browser, person: Person) -> None:
    page = visitor.get(ADD)
    assert page.status_code == 200
    found = re.search(
        r'<script id="creation-options" type="application/json">(.+?)</script>',
        page.content.decode(),
    )
    assert found is not None
    assert json.loads(found[1])["rp"]["id"] == "localhost"
    assert "gatehouse/passkeys" in page.content.decode()
    assert page["Cache-Control"] == "no-store"

    done = visitor.post(ADD, CREDENTIAL)
    assert (done.status_code, done["Location"]) == (302, PAGE)
    assert [one.id for one in person.passkeys] == ["a-new-one"]
    assert "Added the passkey." in text_of(visitor.get(PAGE))
    assert "Added the passkey." not in text_of(visitor.get(PAGE)), "a message is shown once"
    assert changes() == [("passkey_on", "success", person.sub)]


@pytest.mark.parametrize("relying_party", ["login.example.com", "host", "evil-localhost"])
def test_passkey_of_another_domain_is_added_at_managed_login(
    visitor: Browser, provider: Provider, settings: Settings, relying_party: str
) -> None:
    provider.pool.relying_party = relying_party
    response = visitor.get(ADD)
    assert response.status_code == 302
    address = urlsplit(response["Location"])
    assert f"{address.scheme}://{address.netloc}" == settings.COGNITO_DOMAIN
    assert address.path == "/passkeys/add"
    assert parse_qs(address.query) == {
        "client_id": [settings.COGNITO_CLIENT_ID],
        "redirect_uri": [settings.PUBLIC_ORIGIN + CALLBACK],
    }
    back = visitor.get(CALLBACK)
    assert (back.status_code, back["Location"]) == (302, PAGE)


def test_application_below_the_relying_party_adds_in_place(
    visitor: Browser, provider: Provider, settings: Settings
) -> None:
    settings.PUBLIC_ORIGIN = "https://app.example.com"
    provider.pool.relying_party = "example.com"
    assert visitor.get(ADD).status_code == 200


def test_return_without_a_state_is_no_sign_in(browser: Browser, visitor: Browser) -> None:
    assert visitor.get(CALLBACK, {"code": "stolen"})["Location"] == PAGE
    assert visitor.get(CALLBACK, {"error": "access_denied"}).status_code == 400
    browser.cookies.clear()
    assert browser.get(CALLBACK).status_code == 400


@pytest.mark.parametrize(
    "exception",
    ["WebAuthnChallengeNotFoundException", "WebAuthnOriginNotAllowedException"],
)
def test_refused_passkey_shows_the_form_again_with_the_error(
    visitor: Browser, provider: Provider, exception: str
) -> None:
    provider.behave(register_passkey=exception)
    again = visitor.post(ADD, CREDENTIAL)
    assert again.status_code == 400
    assert "This passkey was not accepted" in text_of(again)
    assert "creation-options" in text_of(again)
    assert changes() == []


@pytest.mark.parametrize(
    "credential",
    ["", "[]", "nonsense", '"text"', "[" * 20_000, json.dumps({"id": "x" * 40_000})],
    ids=["empty", "list", "text", "string", "deep", "long"],
)
def test_malformed_credential_is_refused_without_a_call(
    visitor: Browser, provider: Provider, credential: str
) -> None:
    again = visitor.post(ADD, {"credential": credential})
    assert again.status_code == 400
    assert "The browser created no passkey." in text_of(again)
    assert provider.hits("CompleteWebAuthnRegistration") == 0


def test_site_without_passkeys_says_so(visitor: Browser, provider: Provider) -> None:
    provider.behave(begin_passkey="WebAuthnNotEnabledException")
    response = visitor.get(ADD)
    assert response.status_code == 409
    assert "does not support passkeys" in text_of(response)
    provider.behave(passkeys="OperationNotEnabledException")
    assert visitor.get(PAGE).status_code == 200


def test_site_without_passkeys_says_so_where_adding_one_can_need_a_level(
    visitor: Browser, provider: Provider, settings: Settings
) -> None:
    settings.COGNITO_STEP_UP_ACR = ("urn:cognito:loa:2",)
    provider.behave(
        begin_passkey="WebAuthnNotEnabledException", passkeys="OperationNotEnabledException"
    )
    response = visitor.get(ADD)
    assert response.status_code == 409
    assert "Ask an operator if you need passkeys." in text_of(response)


def test_twenty_passkeys_are_the_maximum(visitor: Browser, person: Person) -> None:
    person.passkeys = [Passkey(f"passkey-{number}") for number in range(20)]
    page = text_of(visitor.get(PAGE))
    assert f'href="{ADD}"' not in page
    assert "You have 20 passkeys, which is the maximum." in page
    response = visitor.get(ADD)
    assert response.status_code == 409
    assert "You cannot add another passkey now" in text_of(response)


def test_passkey_is_removed_after_a_confirmation(visitor: Browser, person: Person) -> None:
    person.passkeys = [Passkey("a_b-c=&d", "Blue key"), Passkey("other")]
    page = visitor.get(PAGE).content.decode()
    (address, _) = re.findall(rf'href="({re.escape(REMOVE)}[^"]+)"', page)
    confirmation = visitor.get(address)
    assert "Blue key" in text_of(confirmation)
    assert len(person.passkeys) == 2, "the confirmation page removes nothing"

    done = visitor.post(REMOVE, {"id": "a_b-c=&d"})
    assert (done.status_code, done["Location"]) == (302, PAGE)
    assert [one.id for one in person.passkeys] == ["other"]
    assert "Removed the passkey." in text_of(visitor.get(PAGE))
    assert changes() == [("passkey_off", "success", person.sub)]


@pytest.mark.parametrize("passkey_id", ["", "unknown", "x" * 2000])
def test_unknown_passkey_is_reported(
    visitor: Browser, person: Person, provider: Provider, passkey_id: str
) -> None:
    person.passkeys = [Passkey("one")]
    for method in (visitor.get, visitor.post):
        answer = method(REMOVE, {"id": passkey_id})
        assert (answer.status_code, answer["Location"]) == (302, PAGE)
        assert "You have no such passkey." in text_of(visitor.get(PAGE))
    assert changes() == []


def test_last_way_to_sign_in_cannot_be_removed(visitor: Browser, person: Person) -> None:
    person.first_factors, person.passkeys = [], [Passkey("one")]
    # An authenticator app cannot begin a sign-in.
    person.has_totp = True
    page = text_of(visitor.get(PAGE))
    assert f'href="{REMOVE}' not in page
    assert "This passkey is your only way to sign in" in page
    refused = visitor.post(REMOVE, {"id": "one"})
    assert refused.status_code == 409
    assert "This is the only way to sign in to this account" in text_of(refused)
    assert len(person.passkeys) == 1

    person.passkeys.append(Passkey("two"))
    assert visitor.post(REMOVE, {"id": "one"}).status_code == 302
    assert [one.id for one in person.passkeys] == ["two"]


@pytest.mark.parametrize("path", [ADD, REMOVE])
def test_changes_need_a_recent_sign_in(
    visitor: Browser, person: Person, provider: Provider, clock: Clock, path: str
) -> None:
    person.passkeys = [Passkey("one")]
    clock.advance(301)
    for answer in (visitor.get(path), visitor.post(path, {**CREDENTIAL, "id": "one"})):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/confirm/?next=%2Faccounts%2Fprofile")
    script = visitor.post(path, headers={"Sec-Fetch-Mode": "cors"})
    assert script.status_code == 401
    assert [one.id for one in person.passkeys] == ["one"]
    assert provider.hits("StartWebAuthnRegistration") == 0
    assert visitor.get(PAGE).status_code == 200, "reading needs no recent sign-in"


@pytest.mark.parametrize("path", [PAGE, ADD, REMOVE])
def test_visitors_sign_in_first(new_browser: NewBrowser, provider: Provider, path: str) -> None:
    response = new_browser().get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")
    assert provider.received == []


@pytest.mark.parametrize("path", [ADD, REMOVE])
def test_forms_need_a_csrf_token(new_browser: NewBrowser, person: Person, path: str) -> None:
    person.passkeys = [Passkey("one")]
    visitor = new_browser(enforce_csrf_checks=True).signed_in(person)
    assert visitor.post(path, {**CREDENTIAL, "id": "one"}).status_code == 403
    assert [one.id for one in person.passkeys] == ["one"]


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        ({"auth_factors": "status:500"}, 503),
        ({"auth_factors": "TooManyRequestsException"}, 429),
        ({"auth_factors": "UnknownOperationException"}, 501),
        ({"passkeys": "html"}, 503),
        ({"passkeys": "NotAuthorizedException"}, 409),
    ],
)
def test_faults_of_cognito_have_a_page(
    visitor: Browser, provider: Provider, faults: dict[str, str], status: int
) -> None:
    provider.behave(**faults)
    response = visitor.get(PAGE)
    assert response.status_code == status
    assert "<h1>" in text_of(response)
