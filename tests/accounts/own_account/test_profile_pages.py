"""Users change their name, e-mail address and phone number on their profile."""

from __future__ import annotations

import pytest

from accounts.models import User
from accounts.rate_limits import limits
from tests.accounts.own_account.account import (
    CODE_PAGE,
    EMAIL,
    NAME,
    PHONE,
    VERIFY,
    errors,
    events,
    form_error,
    notices,
    values,
)
from tests.accounts.own_account.authenticator import text_of
from tests.support.provider.browser import PROFILE, Browser
from tests.support.provider.clock import Clock
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider
from tests.support.provider.self_service import CODE

pytestmark = pytest.mark.django_db

NEW = "countess@example.com"
NUMBER = "+441632960000"


def test_profile_makes_no_call_of_cognito(visitor: Browser, provider: Provider) -> None:
    before = len(provider.received)
    page = text_of(visitor.get(PROFILE))
    for path in (NAME, EMAIL, PHONE):
        assert f'href="{path}"' in page
    assert len(provider.received) == before


def test_name_is_changed_and_shown_at_once(visitor: Browser, person: Person) -> None:
    assert values(visitor.get(NAME)) == {"name": "Ada Lovelace"}
    done = visitor.post(NAME, {"name": "  Ada King "})
    assert (done.status_code, done["Location"]) == (302, PROFILE)
    assert person.name == "Ada King"
    page = visitor.get(PROFILE)
    assert notices(page) == ["Your name is now Ada King."]
    assert "<dd>Ada King</dd>" in text_of(page)
    assert User.objects.get().name == "Ada King"
    assert notices(visitor.get(PROFILE)) == [], "a message is shown once"
    assert events() == [("profile_change", "success", "name")]


def test_name_can_be_removed(visitor: Browser, person: Person) -> None:
    visitor.post(NAME, {"name": ""})
    assert person.name == ""
    assert notices(visitor.get(PROFILE)) == ["Removed your name."]


def test_name_with_html_is_shown_as_text(visitor: Browser) -> None:
    visitor.post(NAME, {"name": "<script>alert(1)</script>"})
    page = visitor.get(PROFILE).content.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    "name",
    ["Ada\r\nBcc: eve@example.com", "eve@example.com", "Ada\u202ecod", "a\0b", "x" * 256],
    ids=["header", "address", "invisible", "null", "long"],
)
def test_invalid_name_is_refused_at_its_field(
    visitor: Browser, person: Person, provider: Provider, name: str
) -> None:
    again = visitor.post(NAME, {"name": name})
    assert again.status_code == 400
    assert list(errors(again)) == ["name"]
    assert provider.hits("UpdateUserAttributes") == 0
    assert (person.name, events()) == ("Ada Lovelace", [])


def test_values_survive_an_error(visitor: Browser, provider: Provider) -> None:
    assert values(visitor.post(NAME, {"name": "a@b"})) == {"name": "a@b"}
    provider.behave(update="InvalidParameterException")
    again = visitor.post(NAME, {"name": "Countess"})
    assert again.status_code == 400
    assert values(again) == {"name": "Countess"}
    assert list(errors(again)) == ["name"]
    assert "<title>Error: Change your name" in text_of(again)


def test_new_address_counts_with_its_code(visitor: Browser, person: Person) -> None:
    sent = visitor.post(EMAIL, {"email": "Countess@EXAMPLE.com"})
    assert (sent.status_code, sent["Location"]) == (302, CODE_PAGE)
    assert (person.email, person.waiting) == ("ada@example.com", {"email": NEW})
    page = visitor.get(CODE_PAGE)
    assert notices(page) == [f"A code is on its way to {NEW}."]
    assert f'href="{CODE_PAGE}"' in text_of(visitor.get(PROFILE))

    wrong = visitor.post(CODE_PAGE, {"code": "000000"})
    assert wrong.status_code == 400
    assert errors(wrong) == {"code": "This code is wrong, or too old."}
    assert values(wrong) == {"code": ""}

    done = visitor.post(CODE_PAGE, {"code": f" {CODE[:3]} {CODE[3:]}"})
    assert (done.status_code, done["Location"]) == (302, PROFILE)
    assert person.email == NEW
    page = visitor.get(PROFILE)
    assert notices(page) == [f"{NEW} is verified, and belongs to your account."]
    assert User.objects.get().email == NEW
    assert f'href="{CODE_PAGE}"' not in text_of(page)
    assert events() == [("profile_change", "success", "email"), ("email_change", "success", "")]


def test_address_of_another_account_gets_the_same_answer(
    visitor: Browser, provider: Provider
) -> None:
    provider.pool.people.append(Person(email="grace@example.com"))
    answers = [visitor.post(EMAIL, {"email": one}) for one in (NEW, "grace@example.com")]
    assert [(one.status_code, one["Location"]) for one in answers] == [(302, CODE_PAGE)] * 2
    assert events() == [("profile_change", "success", "email")] * 2


@pytest.mark.parametrize(
    ("email", "error"),
    [
        ("", "This field is required."),
        ("nonsense", "Enter a valid email address."),
        ("ada@example.com", "This is your address already. Enter another one."),
        ("ADA@example.com ", "This is your address already. Enter another one."),
        ("a" * 120 + "@example.com", "Use at most 128 characters."),
        (
            "eve@example.com\r\nBcc: grace@example.com",
            "This contains invisible characters. Type it instead of pasting it.",
        ),
    ],
    ids=["empty", "nonsense", "same", "same in capitals", "long", "header"],
)
def test_invalid_address_is_refused_at_its_field(
    visitor: Browser, provider: Provider, email: str, error: str
) -> None:
    again = visitor.post(EMAIL, {"email": email})
    assert again.status_code == 400
    assert errors(again) == {"email": error}
    assert provider.hits("UpdateUserAttributes") == 0


def test_address_that_no_code_reaches_is_refused_at_its_field(
    visitor: Browser, provider: Provider
) -> None:
    provider.behave(update="CodeDeliveryFailureException")
    again = visitor.post(EMAIL, {"email": NEW})
    assert errors(again) == {"email": "No message could be sent to this address."}
    assert values(again) == {"email": NEW}


def test_pending_change_can_be_cancelled_and_expires(
    visitor: Browser, person: Person, clock: Clock
) -> None:
    visitor.post(EMAIL, {"email": NEW})
    visitor.get(CODE_PAGE)
    assert visitor.post(CODE_PAGE, {"cancel": "1"})["Location"] == PROFILE
    assert notices(visitor.get(PROFILE)) == ["Cancelled. Nothing has changed."]
    assert visitor.get(CODE_PAGE)["Location"] == PROFILE
    assert "No code is expected" in notices(visitor.get(PROFILE))[0]

    visitor.post(EMAIL, {"email": NEW})
    clock.advance(3601)
    assert visitor.post(CODE_PAGE, {"code": CODE})["Location"] == PROFILE
    assert person.email == "ada@example.com"


def test_code_is_accepted_after_the_sign_in_is_no_longer_recent(
    visitor: Browser, person: Person, clock: Clock
) -> None:
    visitor.post(EMAIL, {"email": NEW})
    clock.advance(900)
    assert visitor.post(CODE_PAGE, {"code": CODE})["Location"] == PROFILE
    assert person.email == NEW


def test_code_belongs_to_the_session_that_asked_for_it(
    visitor: Browser, new_browser: NewBrowser
) -> None:
    visitor.post(EMAIL, {"email": NEW})
    other = new_browser().signed_in(Person(email="eve@example.com"))
    assert other.post(CODE_PAGE, {"code": CODE})["Location"] == PROFILE
    assert events(actions=["email_change"]) == []


def test_unverified_address_is_verified_with_a_code(browser: Browser, person: Person) -> None:
    person.has_verified_email = False
    visitor = browser.signed_in(person)
    assert f'action="{VERIFY}"' in text_of(visitor.get(PROFILE))
    assert visitor.post(VERIFY, {"attribute": "email"})["Location"] == CODE_PAGE
    assert "ada@example.com" in text_of(visitor.get(CODE_PAGE))
    visitor.post(CODE_PAGE, {"code": CODE})
    assert person.has_verified_email
    page = text_of(visitor.get(PROFILE))
    assert "Verified</span>" in page
    assert f'action="{VERIFY}"' not in page


@pytest.mark.parametrize("attribute", ["", "sub", "phone_number", "custom:role"])
def test_nothing_else_is_verified(visitor: Browser, provider: Provider, attribute: str) -> None:
    assert visitor.post(VERIFY, {"attribute": attribute})["Location"] == PROFILE
    assert provider.hits("GetUserAttributeVerificationCode") == 0


@pytest.mark.parametrize(
    ("fault", "status"), [("CodeDeliveryFailureException", 409), ("TooManyRequestsException", 429)]
)
def test_code_that_cannot_be_sent_has_a_page(
    visitor: Browser, provider: Provider, fault: str, status: int
) -> None:
    provider.behave(send_code=fault)
    response = visitor.post(VERIFY, {"attribute": "email"})
    assert response.status_code == status
    assert "Nothing has changed." in text_of(response)


def test_phone_number_is_changed_in_a_pool_that_sends_no_code(
    visitor: Browser, person: Person
) -> None:
    assert "Your account has no phone number." in text_of(visitor.get(PHONE))
    done = visitor.post(PHONE, {"phone_number": "+44 (1632) 960-000"})
    assert (done.status_code, done["Location"]) == (302, PROFILE)
    assert person.phone_number == NUMBER
    assert notices(visitor.get(PROFILE)) == [f"Your phone number is now {NUMBER}."]
    page = visitor.get(PHONE)
    assert values(page) == {"phone_number": NUMBER}
    assert "Not verified</span>" in text_of(page)

    assert visitor.post(VERIFY, {"attribute": "phone_number"})["Location"] == CODE_PAGE
    visitor.post(CODE_PAGE, {"code": CODE})
    assert "Verified</span>" in text_of(visitor.get(PHONE))
    assert visitor.post(PHONE, {"phone_number": ""})["Location"] == PROFILE
    assert person.phone_number == ""
    assert events() == [
        ("profile_change", "success", "phone_number"),
        ("phone_change", "success", ""),
        ("profile_change", "success", "phone_number"),
    ]


def test_phone_number_waits_for_its_code_where_the_pool_sends_one(
    visitor: Browser, person: Person, provider: Provider
) -> None:
    provider.pool.sends = frozenset({"email", "phone_number"})
    assert visitor.post(PHONE, {"phone_number": NUMBER})["Location"] == CODE_PAGE
    assert "We sent a text message" in text_of(visitor.get(CODE_PAGE))
    visitor.post(CODE_PAGE, {"code": CODE})
    assert (person.phone_number, person.has_verified_phone) == (NUMBER, True)


@pytest.mark.parametrize(
    "number", ["01632 960000", "+0123", "+44 1632 nine", "+4416329600001234", "+" + "1" * 60]
)
def test_invalid_number_is_refused_at_its_field(
    visitor: Browser, provider: Provider, number: str
) -> None:
    again = visitor.post(PHONE, {"phone_number": number})
    assert again.status_code == 400
    assert list(errors(again)) == ["phone_number"]
    assert values(again) == {"phone_number": number}
    assert provider.hits("UpdateUserAttributes") == 0


@pytest.mark.parametrize(
    ("path", "values_sent"), [(EMAIL, {"email": NEW}), (PHONE, {"phone_number": NUMBER})]
)
def test_changes_of_addresses_need_a_recent_sign_in_and_keep_their_values(
    visitor: Browser, provider: Provider, clock: Clock, path: str, values_sent: dict[str, str]
) -> None:
    clock.advance(301)
    answer = visitor.post(path, values_sent)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/confirm/?next=%2Faccounts%2Fprofile")
    back = visitor.come_back(visitor.visit_hosted_ui(visitor.get(answer["Location"])["Location"]))
    page = visitor.get(back["Location"])
    assert values(page) == values_sent
    assert provider.hits("UpdateUserAttributes") == 0, "the user has to send the form again"


def test_request_to_verify_comes_back_to_its_page(visitor: Browser, clock: Clock) -> None:
    clock.advance(301)
    answer = visitor.post(VERIFY, {"attribute": "phone_number"})
    back = visitor.come_back(visitor.visit_hosted_ui(visitor.get(answer["Location"])["Location"]))
    assert visitor.get(back["Location"])["Location"] == PHONE


@pytest.mark.slow
def test_five_mails_an_hour_are_allowed(visitor: Browser, provider: Provider) -> None:
    for number in range(5):
        assert visitor.post(EMAIL, {"email": f"victim{number}@example.com"}).status_code == 302
    refused = visitor.post(EMAIL, {"email": NEW})
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert "too many attempts" in form_error(refused)
    assert values(refused) == {"email": NEW}
    assert visitor.post(VERIFY, {"attribute": "email"}).status_code == 429
    assert provider.hits("UpdateUserAttributes") == 5
    assert provider.hits("GetUserAttributeVerificationCode") == 0


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        (VERIFY, {"attribute": "email"}),
        (EMAIL, {"email": NEW}),
        (PHONE, {"phone_number": NUMBER}),
        (CODE_PAGE, {"code": CODE}),
    ],
)
def test_address_with_too_many_attempts_gets_a_page(
    visitor: Browser, monkeypatch: pytest.MonkeyPatch, path: str, sent: dict[str, str]
) -> None:
    """Other users of the network can have used up the limit."""
    visitor.post(EMAIL, {"email": "earlier@example.com"})

    def refuse(*_: object) -> None:
        raise limits.LimitReached(90)

    monkeypatch.setattr(limits, "count_request", refuse)
    refused = visitor.post(path, sent)
    assert (refused.status_code, refused["Retry-After"]) == (429, "90")
    assert "Nothing has changed. Try again in 2 min." in text_of(refused)


@pytest.mark.slow
def test_five_text_messages_an_hour_are_allowed(visitor: Browser, provider: Provider) -> None:
    for number in range(5):
        visitor.post(PHONE, {"phone_number": f"+44163296000{number}"})
    refused = visitor.post(PHONE, {"phone_number": NUMBER + "9"})
    assert refused.status_code == 429
    assert provider.hits("UpdateUserAttributes") == 5


def test_five_codes_in_fifteen_minutes_are_allowed(
    visitor: Browser, person: Person, provider: Provider
) -> None:
    visitor.post(EMAIL, {"email": NEW})
    for _ in range(5):
        assert visitor.post(CODE_PAGE, {"code": "000000"}).status_code == 400
    assert visitor.post(CODE_PAGE, {"code": CODE}).status_code == 429
    assert provider.hits("VerifyUserAttribute") == 5
    assert person.email == "ada@example.com"


@pytest.mark.parametrize(
    ("path", "sent"),
    [(NAME, {"name": "Countess"}), (EMAIL, {"email": NEW}), (PHONE, {"phone_number": NUMBER})],
)
@pytest.mark.parametrize("channel", ["refresh", "update"])
def test_values_survive_an_outage(
    *, visitor: Browser, provider: Provider, channel: str, path: str, sent: dict[str, str]
) -> None:
    provider.behave(**{channel: "status:500"})
    again = visitor.post(path, sent)
    assert again.status_code == 503
    assert int(again["Retry-After"]) > 0
    assert values(again) == sent
    assert "The change may have been made." in form_error(again)
    assert events(actions=["profile_change"]) == []


def test_sign_in_that_ended_at_cognito_ends_the_session(visitor: Browser, person: Person) -> None:
    person.is_enabled = False
    answer = visitor.post(NAME, {"name": "Countess"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert not visitor.is_signed_in()


@pytest.mark.parametrize("path", [NAME, EMAIL, PHONE, VERIFY, CODE_PAGE])
def test_forms_need_a_session_and_a_csrf_token(
    new_browser: NewBrowser, person: Person, provider: Provider, path: str
) -> None:
    answer = new_browser().post(path, {"name": "Eve"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    attacked = new_browser(enforce_csrf_checks=True).signed_in(person)
    values_sent = {"name": "Eve", "email": NEW, "phone_number": NUMBER, "attribute": "email"}
    assert attacked.post(path, values_sent).status_code == 403
    assert provider.hits("UpdateUserAttributes") == 0
    assert provider.hits("GetUserAttributeVerificationCode") == 0
