"""Rate limits for each account and each address, which no header can evade."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AttemptCounter
from accounts.rate_limits.counters import Counter, Limit
from accounts.rate_limits.limits import address_key
from project.environment.trusted_proxy import parse
from tests.api.auth.conftest import PASSWORD, Api
from tests.support.answers import assert_problem, body_of
from tests.support.pool_stub import DELIVERY, EMAIL, PoolStub, challenge

pytestmark = pytest.mark.django_db

SPELLINGS = ["Ada@example.com", "ada@example.com ", "ADA@EXAMPLE.COM", "\uff21da@example.com"]


def assert_throttled(response: HttpResponse, *, at_most: int) -> None:
    assert_problem(response, 429, "throttled")
    assert 1 <= int(response["Retry-After"]) <= at_most


def wrong(api: Api, stub: PoolStub, times: int, **changes: object) -> None:
    stub.refuse("InitiateAuth", "NotAuthorizedException")
    for _ in range(times):
        assert_problem(api.send("sign-in", **changes), 401, "invalid_credentials")


def test_sixth_password_is_not_sent_to_the_pool(api: Api, stub: PoolStub) -> None:
    wrong(api, stub, 5)
    stub.answer("InitiateAuth", stub.tokens())
    for _ in range(15):
        assert_throttled(api.send("sign-in"), at_most=900)
    assert len(stub.calls("InitiateAuth")) == 5


def test_forwarded_headers_do_not_evade_the_limit(api: Api, stub: PoolStub) -> None:
    wrong(api, stub, 5)
    for number in range(5):
        address = f"203.0.113.{number}"
        response = api.send("sign-in")
        assert_throttled(response, at_most=900)
        response = api(
            "sign-in",
            {"email": EMAIL, "password": PASSWORD},
            HTTP_X_FORWARDED_FOR=address,
            HTTP_FORWARDED=f"for={address}",
            HTTP_X_REAL_IP=address,
            HTTP_TRUE_CLIENT_IP=address,
        )
        assert_throttled(response, at_most=900)


def test_every_spelling_of_an_address_is_one_account(api: Api, stub: PoolStub) -> None:
    for spelling in SPELLINGS:
        wrong(api, stub, 1, email=spelling)
    wrong(api, stub, 1)
    for spelling in SPELLINGS:
        assert_throttled(api.send("sign-in", email=spelling), at_most=900)


def test_password_spraying_from_one_network_is_limited(api: Api, stub: PoolStub) -> None:
    """The attacker tries one password on many accounts, from the addresses of one customer."""
    stub.refuse("InitiateAuth", "NotAuthorizedException")
    statuses = [
        api(
            "sign-in",
            {"email": f"user{number}@example.com", "password": PASSWORD},
            REMOTE_ADDR=f"2001:db8:1:2::{number:x}",
        ).status_code
        for number in range(200)
    ]
    assert statuses == [401] * 50 + [429] * 150
    assert api.send("sign-in", email="other@example.com").status_code == 401


@pytest.mark.parametrize("peer", ["", "unix:", "localhost"])
def test_visitors_without_an_address_do_not_lock_each_other_out(
    api: Api, stub: PoolStub, peer: str
) -> None:
    """This is a Unix socket without TRUSTED_PROXY. The limits of each account still apply."""
    stub.refuse("InitiateAuth", "NotAuthorizedException")

    def sign_in(email: str) -> int:
        body = {"email": email, "password": PASSWORD}
        status: int = api("sign-in", body, REMOTE_ADDR=peer).status_code
        return status

    assert [sign_in(f"user{number}@example.com") for number in range(55)] == [401] * 55
    assert [sign_in(EMAIL) for _ in range(6)] == [401] * 5 + [429]


def test_visitors_behind_a_trusted_unix_socket_are_counted_separately(
    api: Api, stub: PoolStub, settings: Settings
) -> None:
    settings.TRUSTED_PROXY = parse("1 unix")
    stub.refuse("InitiateAuth", "NotAuthorizedException")

    def sign_in(number: int, visitor: str) -> int:
        body = {"email": f"user{number}@example.com", "password": PASSWORD}
        forwarded = {"REMOTE_ADDR": "", "HTTP_X_FORWARDED_FOR": f"6.6.6.{number}, {visitor}"}
        status: int = api("sign-in", body, **forwarded).status_code
        return status

    assert [sign_in(n, "203.0.113.9") for n in range(51)] == [401] * 50 + [429]
    assert sign_in(100, "203.0.113.10") == 401


def test_successful_sign_in_resets_the_counter(api: Api, stub: PoolStub) -> None:
    wrong(api, stub, 4)
    stub.answer("InitiateAuth", stub.tokens())
    for _ in range(60):
        assert api.send("sign-in").status_code == 200
    wrong(api, stub, 5)


def test_challenge_does_not_reset_the_counter(api: Api, stub: PoolStub) -> None:
    wrong(api, stub, 4)
    stub.answer("InitiateAuth", challenge("SOFTWARE_TOKEN_MFA"))
    for _ in range(6):
        assert api.send("sign-in").status_code == 200
    wrong(api, stub, 1)
    assert_throttled(api.send("sign-in"), at_most=900)


def test_guesses_at_codes_of_a_second_factor_are_limited(api: Api, stub: PoolStub) -> None:
    stub.answer("InitiateAuth", challenge("SOFTWARE_TOKEN_MFA"))
    stub.refuse("RespondToAuthChallenge", "CodeMismatchException")
    for number in range(8):
        session = body_of(api.send("sign-in"))["session"]
        body = {
            "challenge": "SOFTWARE_TOKEN_MFA",
            "session": session,
            "email": EMAIL,
            "answers": {"code": "1"},
        }
        assert api("challenge", body).status_code == (400 if number < 5 else 429)
    assert len(stub.calls("RespondToAuthChallenge")) == 5


@pytest.mark.parametrize("name", ["SMS_MFA", "EMAIL_OTP"])
def test_messages_after_a_correct_password_are_limited_to_five_an_hour(
    api: Api, stub: PoolStub, name: str
) -> None:
    for _ in range(5):
        api.send("forgot-password")
    stub.answer("InitiateAuth", challenge(name))
    for _ in range(5):
        sent = body_of(api.send("sign-in"))
        assert sent["challenge"] == name
    stub.answer("InitiateAuth", stub.tokens())
    for _ in range(3):
        assert_throttled(api.send("sign-in"), at_most=3600)
    assert len(stub.calls("InitiateAuth")) == 5
    # The code of the last message is valid.
    body = {"challenge": name, "session": sent["session"], "email": EMAIL, "answers": {"code": "1"}}
    assert api("challenge", body).status_code == 200


def test_messages_to_many_accounts_are_limited_by_address(api: Api, stub: PoolStub) -> None:
    stub.answer("InitiateAuth", challenge("SMS_MFA"))
    statuses = [
        api.send("sign-in", email=f"user{number}@example.com").status_code for number in range(60)
    ]
    assert statuses == [200] * 50 + [429] * 10
    assert len(stub.calls("InitiateAuth")) == 50


def test_choices_of_a_second_factor_that_send_a_code_are_limited(api: Api, stub: PoolStub) -> None:
    stub.answer(
        "InitiateAuth", challenge("SELECT_MFA_TYPE", MFAS_CAN_CHOOSE='["SMS_MFA", "EMAIL_OTP"]')
    )
    stub.answer("RespondToAuthChallenge", challenge("SMS_MFA"))
    body = {
        "challenge": "SELECT_MFA_TYPE",
        "session": body_of(api.send("sign-in"))["session"],
        "email": EMAIL,
        "answers": {"mfa": "SMS_MFA"},
    }
    statuses = [api("challenge", body).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    assert len(stub.calls("RespondToAuthChallenge")) == 5


@pytest.mark.parametrize("refusal", ["NotAuthorizedException", "CodeDeliveryFailureException"])
def test_refused_sign_in_does_not_count_as_a_message(
    api: Api, stub: PoolStub, refusal: str
) -> None:
    stub.refuse("InitiateAuth", refusal)
    for _ in range(4):
        assert_problem(api.send("sign-in"), 401, "invalid_credentials")
    stub.answer("InitiateAuth", challenge("SMS_MFA"))
    assert [api.send("sign-in").status_code for _ in range(6)] == [200] * 5 + [429]


@pytest.mark.parametrize(
    ("path", "operation"),
    [("confirm", "ConfirmSignUp"), ("reset-password", "ConfirmForgotPassword")],
)
def test_guesses_at_codes_sent_by_mail_are_limited(
    api: Api, stub: PoolStub, path: str, operation: str
) -> None:
    stub.refuse(operation, "CodeMismatchException")
    statuses = [api.send(path).status_code for _ in range(8)]
    assert statuses == [400] * 5 + [429] * 3
    assert len(stub.calls(operation)) == 5


def test_mails_above_the_limit_get_the_same_answer_but_are_not_sent(
    api: Api, stub: PoolStub
) -> None:
    answers = [api.send("forgot-password") for _ in range(100)]
    answers += [api.send("resend-code", email=SPELLINGS[0]) for _ in range(100)]
    assert {one.status_code for one in answers} == {202}
    assert len({one.content for one in answers}) == 2
    assert len(stub.received) == 5
    # The requests did not use up the caller's address: another user there still gets a mail.
    api.send("forgot-password", email="b@example.com")
    assert len(stub.received) == 6


def test_mails_to_many_accounts_are_limited_by_address(api: Api, stub: PoolStub) -> None:
    statuses = [
        api.send("forgot-password", email=f"user{number}@example.com").status_code
        for number in range(60)
    ]
    assert statuses == [202] * 50 + [429] * 10


def test_sign_ups_from_one_address_are_limited(api: Api, stub: PoolStub) -> None:
    responses = [api.send("sign-up", email=f"user{number}@example.com") for number in range(100)]
    assert [one.status_code for one in responses] == [202] * 20 + [429] * 80
    assert_throttled(responses[-1], at_most=3600)


def test_sign_ups_for_one_account_are_limited(api: Api, stub: PoolStub) -> None:
    statuses = [api.send("sign-up").status_code for _ in range(7)]
    assert statuses == [202] * 5 + [429] * 2


def test_refreshes_and_sign_outs_are_counted_separately(
    api: Api, stub: PoolStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.auth.tokens.REFRESH", Limit(3, 9))
    wrong(api, stub, 5)
    stub.refuse("GetTokensFromRefreshToken", "NotAuthorizedException")
    assert [api.send("refresh").status_code for _ in range(4)] == [401, 401, 401, 429]
    assert [api.send("sign-out").status_code for _ in range(4)] == [204] * 4
    assert api.send("confirm").status_code == 204


@pytest.mark.parametrize(
    ("exception", "seconds"),
    [
        ("TooManyRequestsException", 5),
        ("LimitExceededException", 900),
        ("TooManyFailedAttemptsException", 900),
    ],
)
@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("sign-up", "SignUp"),
        ("confirm", "ConfirmSignUp"),
        ("sign-in", "InitiateAuth"),
        ("reset-password", "ConfirmForgotPassword"),
        ("refresh", "GetTokensFromRefreshToken"),
        ("sign-out", "GetTokensFromRefreshToken"),
    ],
)
def test_rate_limits_of_cognito_are_reported(
    api: Api, stub: PoolStub, *, path: str, operation: str, exception: str, seconds: int
) -> None:
    stub.refuse(operation, exception)
    response = api.send(path)
    assert_problem(response, 429, "throttled")
    assert int(response["Retry-After"]) == seconds


@pytest.mark.parametrize("path", ["resend-code", "forgot-password"])
def test_quota_of_the_whole_pool_is_reported(api: Api, stub: PoolStub, path: str) -> None:
    for operation in ("ResendConfirmationCode", "ForgotPassword"):
        stub.refuse(operation, "TooManyRequestsException")
    assert_throttled(api.send(path), at_most=5)


OUTAGES = {
    "SignUp": "sign-up",
    "ConfirmSignUp": "confirm",
    "ResendConfirmationCode": "resend-code",
    "InitiateAuth": "sign-in",
    "ForgotPassword": "forgot-password",
    "ConfirmForgotPassword": "reset-password",
}


@pytest.mark.parametrize(("operation", "path"), OUTAGES.items())
def test_outage_uses_up_no_attempts(api: Api, stub: PoolStub, operation: str, path: str) -> None:
    stub.misbehave(operation, "status:500")
    assert {api.send(path).status_code for _ in range(7)} == {503}
    assert set(AttemptCounter.objects.values_list("count", flat=True)) == {0}
    stub.answer(operation, {"UserConfirmed": False, "UserSub": "x"} | DELIVERY | stub.tokens())
    assert api.send(path).status_code < 300


def test_refused_new_passwords_do_not_count_as_guesses(api: Api, stub: PoolStub) -> None:
    stub.answer("InitiateAuth", challenge("NEW_PASSWORD_REQUIRED"))
    stub.refuse("RespondToAuthChallenge", "InvalidPasswordException")
    body = {
        "challenge": "NEW_PASSWORD_REQUIRED",
        "session": body_of(api.send("sign-in"))["session"],
        "email": EMAIL,
        "answers": {"new_password": PASSWORD},
    }
    for _ in range(7):
        assert_problem(api("challenge", body), 400, "validation_failed")
    stub.answer("RespondToAuthChallenge", stub.tokens())
    assert api("challenge", body).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["sign-up", "confirm", "resend-code", "sign-in", "forgot-password", "reset-password"],
)
def test_request_is_refused_without_the_attempt_counters(
    api: Api, stub: PoolStub, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def fail(*_: object) -> float:
        raise OperationalError

    monkeypatch.setattr(Counter, "count", fail)
    response = api.send(path)
    assert_problem(response, 503, "database_unavailable")
    assert response["Retry-After"]
    assert stub.received == []


def test_attempt_counters_reveal_no_address(api: Api, stub: PoolStub, settings: Settings) -> None:
    wrong(api, stub, 1)
    keys = {row.key for row in AttemptCounter.objects.all()}
    # Wrong passwords and messages of a sign-in are counted by account and by address.
    assert len(keys) == 4
    assert all(len(key) == 64 for key in keys)
    settings.SECRET_KEY = "another-secret-key:" + "0123456789" * 5
    assert Counter("sign-in of", EMAIL).key not in keys


@pytest.mark.parametrize(
    ("address", "key"),
    [
        (None, "unknown"),
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ],
)
def test_address_is_counted_as_its_network(address: str | None, key: str) -> None:
    assert address_key(address) == key


def test_window_closes_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    counter, limit = Counter("purpose", "who"), Limit(2, 60)
    assert [counter.count(limit) > 0 for _ in range(4)] == [False, False, True, True]
    later = timezone.now() + timedelta(seconds=59)
    monkeypatch.setattr("accounts.rate_limits.counters.timezone.now", lambda: later)
    assert 0 < counter.count(limit) <= 1
    later += timedelta(seconds=1)
    assert [counter.count(limit) > 0 for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize(
    ("seconds_back", "waits"), [(24 * 3600, False), (122, False), (58, True), (-58, True)]
)
def test_clock_set_back_does_not_extend_a_window(
    monkeypatch: pytest.MonkeyPatch, *, seconds_back: int, waits: bool
) -> None:
    counter, limit = Counter("purpose", "who"), Limit(2, 60)
    assert [counter.count(limit) > 0 for _ in range(3)] == [False, False, True]
    moment = timezone.now() - timedelta(seconds=seconds_back)
    monkeypatch.setattr("accounts.rate_limits.counters.timezone.now", lambda: moment)
    assert (counter.count(limit) > 0) is waits


def test_attempt_that_was_taken_back_does_not_count() -> None:
    counter, limit = Counter("purpose", "who"), Limit(1, 60)
    counter.take_back()
    for _ in range(3):
        assert counter.count(limit) == 0
        counter.take_back()
    counter.take_back()
    assert [counter.count(limit) > 0 for _ in range(2)] == [False, True]
    counter.forget()
    assert counter.count(limit) == 0
