"""Sign-in by choice: without a password, with the first factors of the account."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.http import HttpResponse

from accounts.audit import trail
from accounts.models import AttemptCounter, AuditEvent
from accounts.rate_limits.counters import Limit
from api.auth import sign_in
from api.auth.choice import decoy_of
from tests.api.auth.conftest import PASSWORD, Api
from tests.support.answers import assert_problem, body_of
from tests.support.pool_stub import EMAIL, PoolStub, challenge

pytestmark = pytest.mark.django_db

OFFERED = ["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP", "SOMETHING_NEW", "WEB_AUTHN"]
OPTIONS = {"challenge": "YQ", "rpId": "localhost", "allowCredentials": [], "timeout": 60_000}
CREDENTIAL = {"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"signature": "YQ"}}
DESTINATION = {"CODE_DELIVERY_DESTINATION": "a***@e***"}


def select() -> dict[str, Any]:
    return challenge("SELECT_CHALLENGE") | {"AvailableChallenges": OFFERED}


def passkey() -> dict[str, Any]:
    return challenge("WEB_AUTHN", CREDENTIAL_REQUEST_OPTIONS=json.dumps(OPTIONS))


def begin(api: Api, stub: PoolStub, answer: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Begin a sign-in whose first answer is `answer`, and return the challenge."""
    stub.answer("InitiateAuth", answer)
    response = api("sign-in", {"email": EMAIL} | changes)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    asked: dict[str, Any] = body_of(response)
    assert asked.keys() == {"challenge", "session", "parameters"}
    api.secrets.append(asked["session"])
    return asked


def respond(api: Api, asked: dict[str, Any], email: str = EMAIL, **answers: Any) -> HttpResponse:
    sent = {"challenge": asked["challenge"], "session": asked["session"], "email": email}
    return api("challenge", sent | {"answers": answers})


def test_sign_in_without_a_password_offers_the_factors(api: Api, stub: PoolStub) -> None:
    asked = begin(api, stub, select())

    assert asked["challenge"] == "SELECT_CHALLENGE"
    assert asked["parameters"] == {"choices": ["WEB_AUTHN", "EMAIL_OTP", "PASSWORD"]}
    (call,) = stub.calls("InitiateAuth")
    assert call["AuthFlow"] == "USER_AUTH"
    assert call["AuthParameters"].keys() == {"USERNAME", "SECRET_HASH"}


@pytest.mark.parametrize(
    ("preferred", "answer", "parameters"),
    [
        ("WEB_AUTHN", passkey(), {"request_options": OPTIONS}),
        ("EMAIL_OTP", challenge("EMAIL_OTP", **DESTINATION), {"destination": "a***@e***"}),
        ("SMS_OTP", challenge("SMS_OTP", **DESTINATION), {"destination": "a***@e***"}),
        ("PASSWORD", challenge("PASSWORD"), {}),
    ],
)
def test_preferred_factor_begins_at_once(
    api: Api, stub: PoolStub, *, preferred: str, answer: dict[str, Any], parameters: object
) -> None:
    asked = begin(api, stub, answer, preferred=preferred)

    assert (asked["challenge"], asked["parameters"]) == (preferred, parameters)
    (call,) = stub.calls("InitiateAuth")
    assert call["AuthParameters"]["PREFERRED_CHALLENGE"] == preferred


def test_password_keeps_its_own_flow(api: Api, stub: PoolStub) -> None:
    assert api.send("sign-in", preferred="WEB_AUTHN").status_code == 200
    (call,) = stub.calls("InitiateAuth")
    assert call["AuthFlow"] == "USER_PASSWORD_AUTH"
    assert "PREFERRED_CHALLENGE" not in call["AuthParameters"]


@pytest.mark.parametrize(
    ("answer", "answers", "sent"),
    [
        (select(), {"factor": "EMAIL_OTP"}, {"ANSWER": "EMAIL_OTP"}),
        (select(), {"factor": "WEB_AUTHN"}, {"ANSWER": "WEB_AUTHN"}),
        (
            select(),
            {"factor": "PASSWORD", "password": PASSWORD},
            {"ANSWER": "PASSWORD", "PASSWORD": PASSWORD},
        ),
        (challenge("EMAIL_OTP"), {"code": "12345678"}, {"EMAIL_OTP_CODE": "12345678"}),
        (challenge("SMS_OTP"), {"code": "12345678"}, {"SMS_OTP_CODE": "12345678"}),
        (challenge("PASSWORD"), {"password": PASSWORD}, {"PASSWORD": PASSWORD}),
        (passkey(), {"credential": CREDENTIAL}, {"CREDENTIAL": json.dumps(CREDENTIAL)}),
    ],
)
def test_answers_reach_the_pool_under_its_own_names(
    api: Api, stub: PoolStub, *, answer: Any, answers: dict[str, Any], sent: dict[str, str]
) -> None:
    api.secrets.append(PASSWORD)
    asked = begin(api, stub, answer)

    assert "access_token" in body_of(respond(api, asked, **answers))

    (call,) = stub.calls("RespondToAuthChallenge")
    assert call["ChallengeName"] == asked["challenge"]
    responses = call["ChallengeResponses"]
    assert {name: responses[name] for name in responses if name in sent} == sent
    assert len(responses) == len(sent) + 2, "with USERNAME and SECRET_HASH only"
    event = AuditEvent.objects.get()
    assert (event.action, event.outcome) == (trail.Action.SIGN_IN, trail.Outcome.SUCCESS)


@pytest.mark.parametrize(
    ("name", "answers", "needed"),
    [
        ("SELECT_CHALLENGE", {}, "factor"),
        ("SELECT_CHALLENGE", {"factor": "PASSWORD"}, "password"),
        ("WEB_AUTHN", {"code": "1"}, "credential"),
        ("EMAIL_OTP", {"factor": "PASSWORD"}, "code"),
        ("SMS_OTP", {}, "code"),
        ("PASSWORD", {}, "password"),
    ],
)
def test_challenge_requires_its_own_answer(
    api: Api, stub: PoolStub, name: str, answers: dict[str, Any], needed: str
) -> None:
    response = api.send("challenge", challenge=name, answers=answers)

    problem = assert_problem(response, 400, "validation_failed")
    assert problem["errors"] == {f"answers.{needed}": ["This field is required."]}


@pytest.mark.parametrize(
    "credential",
    [
        "YQ",
        [],
        {},
        None,
        True,
        CREDENTIAL | {"type": "password"},
        CREDENTIAL | {"id": 5},
        CREDENTIAL | {"response": "YQ"},
        CREDENTIAL | {"response": {"signature": "A" * 40_000}},
    ],
)
def test_malformed_credential_never_reaches_the_pool(
    api: Api, stub: PoolStub, credential: object
) -> None:
    asked = begin(api, stub, passkey())
    problem = assert_problem(respond(api, asked, credential=credential), 400, "validation_failed")
    assert list(problem["errors"]) == ["answers.credential"]
    assert stub.calls("RespondToAuthChallenge") == []


@pytest.mark.parametrize("preferred", ["PASSWORD_SRP", "SELECT_CHALLENGE", "", 5, None, ["x"]])
def test_unknown_preference_is_refused(api: Api, stub: PoolStub, preferred: object) -> None:
    problem = assert_problem(
        api("sign-in", {"email": EMAIL, "preferred": preferred}), 400, "validation_failed"
    )
    assert list(problem["errors"]) == ["preferred"]
    assert stub.received == []


@pytest.mark.parametrize(
    ("exception", "message"),
    [
        ("InvalidParameterException", "USER_AUTH is not enabled for the client."),
        ("InvalidParameterException", "USER_AUTH flow not enabled for this client"),
        ("FeatureUnavailableInTierException", "Not in this tier."),
    ],
)
def test_pool_without_sign_in_by_choice_has_a_code_of_its_own(
    api: Api, stub: PoolStub, exception: str, message: str
) -> None:
    stub.refuse("InitiateAuth", exception, message)

    assert_problem(api("sign-in", {"email": EMAIL}), 409, "sign_in_by_choice_unavailable")

    stub.recover()
    assert api.send("sign-in").status_code == 200


REFUSALS = [
    "NotAuthorizedException",
    "UserNotConfirmedException",
    "PasswordResetRequiredException",
    "UserNotFoundException",
    "UserLambdaValidationException",
]


@pytest.mark.parametrize("exception", REFUSALS)
@pytest.mark.parametrize("preferred", ["", "EMAIL_OTP"])
def test_account_that_cannot_sign_in_gets_the_answer_for_an_unknown_one(
    api: Api, stub: PoolStub, exception: str, preferred: str
) -> None:
    """The pool answers for a decoy, whose name never leaves the encrypted session."""
    answer = challenge("EMAIL_OTP", **DESTINATION) if preferred else select()
    changes = {"preferred": preferred} if preferred else {}
    usual = begin(api, stub, answer, **changes)
    stub.refuse_once("InitiateAuth", exception)

    asked = begin(api, stub, answer, **changes)

    assert asked | {"session": ""} == usual | {"session": ""}
    assert len(asked["session"]) == len(usual["session"])
    names = [call["AuthParameters"]["USERNAME"] for call in stub.calls("InitiateAuth")]
    assert names == [EMAIL, EMAIL, decoy_of(EMAIL)]
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    "email", [EMAIL, "a@b.c", "x" * 64 + "@example.com", "a@" + "b" * 110 + ".example"]
)
def test_decoy_looks_like_its_address(email: str) -> None:
    decoy = decoy_of(email)
    assert decoy != email
    assert decoy == decoy_of(email)
    assert len(decoy) <= 128
    assert decoy.partition("@")[2] == email.partition("@")[2]
    assert re.fullmatch(r"[^@]*@[^@]+", decoy)


def test_pool_that_reveals_accounts_is_a_fault_of_the_configuration(
    api: Api, stub: PoolStub, caplog: pytest.LogCaptureFixture
) -> None:
    stub.refuse("InitiateAuth", "UserNotFoundException")
    assert_problem(api("sign-in", {"email": EMAIL}), 503, "client_refused")
    assert "PreventUserExistenceErrors" in caplog.text


def test_sixth_mail_in_an_hour_is_not_requested(api: Api, stub: PoolStub) -> None:
    stub.answer("InitiateAuth", challenge("EMAIL_OTP", **DESTINATION))
    body = {"email": EMAIL, "preferred": "EMAIL_OTP"}
    assert [api("sign-in", body).status_code for _ in range(7)] == [200] * 5 + [429] * 2
    assert len(stub.calls("InitiateAuth")) == 5

    # Neither another factor nor a password is blocked, and the mails of a reset count as well.
    stub.answer("InitiateAuth", passkey())
    assert api("sign-in", {"email": EMAIL, "preferred": "WEB_AUTHN"}).status_code == 200
    stub.answer("InitiateAuth", challenge("SMS_MFA", **DESTINATION))
    assert api.send("sign-in").status_code == 200
    assert api.send("forgot-password").status_code == 202
    assert stub.calls("ForgotPassword") == []


def test_chosen_and_preferred_mails_share_a_limit(api: Api, stub: PoolStub) -> None:
    for _ in range(5):
        asked = begin(api, stub, select())
        stub.answer("RespondToAuthChallenge", challenge("EMAIL_OTP", **DESTINATION))
        assert respond(api, asked, factor="EMAIL_OTP").status_code == 200
    late = respond(api, begin(api, stub, select()), factor="EMAIL_OTP")
    assert_problem(late, 429, "throttled")
    assert api("sign-in", {"email": EMAIL, "preferred": "EMAIL_OTP"}).status_code == 429
    assert len(stub.calls("RespondToAuthChallenge")) == 5


def test_mails_that_no_request_asked_for_are_limited(api: Api, stub: PoolStub) -> None:
    """A user with a single factor gets its code at once, whatever the request prefers."""
    stub.answer("InitiateAuth", challenge("EMAIL_OTP", **DESTINATION))
    for _ in range(5):
        assert api("sign-in", {"email": EMAIL}).status_code == 200
    assert api("sign-in", {"email": EMAIL, "preferred": "WEB_AUTHN"}).status_code == 429


@pytest.mark.slow
def test_mails_to_many_accounts_are_limited_by_address(api: Api, stub: PoolStub) -> None:
    stub.answer("InitiateAuth", challenge("EMAIL_OTP", **DESTINATION))
    codes = [
        api("sign-in", {"email": f"u{n}@example.com", "preferred": "EMAIL_OTP"}).status_code
        for n in range(52)
    ]
    assert codes == [200] * 50 + [429] * 2


def test_first_steps_are_limited_by_address(
    api: Api, stub: PoolStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.answer("InitiateAuth", select())
    monkeypatch.setattr(sign_in, "FIRST_STEPS", Limit(3, 900))
    begun = [api("sign-in", {"email": f"u{n}@example.com"}).status_code for n in range(4)]
    assert begun == [200] * 3 + [429]
    assert api.send("sign-in").status_code == 200, "passwords have their own limit"


def test_guesses_at_a_first_code_do_not_block_the_second_factor(api: Api, stub: PoolStub) -> None:
    """Any visitor can begin a sign-in by mail. Only a user with the password can have the other."""
    asked = begin(api, stub, challenge("EMAIL_OTP", **DESTINATION))
    second = begin(api, stub, challenge("EMAIL_OTP", **DESTINATION), password=PASSWORD)
    stub.refuse("RespondToAuthChallenge", "CodeMismatchException")
    for _ in range(5):
        problem = assert_problem(respond(api, asked, code="1"), 400, "validation_failed")
        assert list(problem["errors"]) == ["answers.code"]
    assert_problem(respond(api, asked, code="1"), 429, "throttled")
    assert len(stub.calls("RespondToAuthChallenge")) == 5
    stub.answer("RespondToAuthChallenge", stub.tokens())
    assert respond(api, second, code="1").status_code == 200


def test_passwords_of_both_flows_share_one_limit(api: Api, stub: PoolStub) -> None:
    asked, chosen = begin(api, stub, challenge("PASSWORD")), begin(api, stub, select())
    stub.refuse("RespondToAuthChallenge", "NotAuthorizedException")
    stub.refuse("InitiateAuth", "NotAuthorizedException")
    answers = [respond(api, asked, password="a wrong one") for _ in range(2)]
    answers += [respond(api, chosen, factor="PASSWORD", password="a wrong one") for _ in range(2)]
    answers.append(api.send("sign-in"))
    for answer in answers:
        assert_problem(answer, 401, "invalid_credentials")
    assert respond(api, asked, password="a wrong one").status_code == 429
    assert api.send("sign-in").status_code == 429


def test_refused_passkeys_of_one_address_do_not_block_another(api: Api, stub: PoolStub) -> None:
    asked = begin(api, stub, passkey())
    stub.refuse("RespondToAuthChallenge", "NotAuthorizedException")
    for _ in range(10):
        assert_problem(respond(api, asked, credential=CREDENTIAL), 401, "passkey_refused")
    assert respond(api, asked, credential=CREDENTIAL).status_code == 429
    stub.answer("RespondToAuthChallenge", stub.tokens())
    sent = {"challenge": "WEB_AUTHN", "session": asked["session"], "email": EMAIL}
    response = api(
        "challenge", sent | {"answers": {"credential": CREDENTIAL}}, REMOTE_ADDR="198.51.100.7"
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    "exception",
    [
        "CodeMismatchException",
        "InvalidParameterException",
        "NotAuthorizedException",
        "UserNotFoundException",
        "WebAuthnChallengeNotFoundException",
        "WebAuthnCredentialNotSupportedException",
        "WebAuthnOriginNotAllowedException",
        "WebAuthnRelyingPartyMismatchException",
    ],
)
def test_every_refusal_of_a_passkey_is_the_same(api: Api, stub: PoolStub, exception: str) -> None:
    asked = begin(api, stub, passkey())
    stub.refuse("RespondToAuthChallenge", exception)
    response = respond(api, asked, credential=CREDENTIAL)
    assert_problem(response, 401, "passkey_refused")
    event = AuditEvent.objects.get()
    assert (event.action, event.outcome) == (trail.Action.SIGN_IN, trail.Outcome.FAILURE)


@pytest.mark.parametrize(
    "answer",
    [
        challenge("WEB_AUTHN"),
        challenge("WEB_AUTHN", CREDENTIAL_REQUEST_OPTIONS="{"),
        challenge("WEB_AUTHN", CREDENTIAL_REQUEST_OPTIONS="[]"),
        challenge("WEB_AUTHN", CREDENTIAL_REQUEST_OPTIONS=json.dumps({"a": "b" * 20_000})),
        challenge("WEB_AUTHN") | {"ChallengeParameters": {"CREDENTIAL_REQUEST_OPTIONS": 5}},
        challenge("SELECT_CHALLENGE") | {"Session": None},
        {},
    ],
)
def test_malformed_challenge_is_a_malformed_answer(
    api: Api, stub: PoolStub, answer: dict[str, Any]
) -> None:
    stub.answer("InitiateAuth", answer)
    assert_problem(api("sign-in", {"email": EMAIL}), 503, "malformed_answer")


def test_tokens_without_any_proof_are_not_returned(api: Api, stub: PoolStub) -> None:
    assert_problem(api("sign-in", {"email": EMAIL}), 503, "malformed_answer")


@pytest.mark.parametrize("offered", [None, [5, None], ["SOMETHING_NEW"], []])
def test_malformed_choices_are_left_out(api: Api, stub: PoolStub, offered: object) -> None:
    asked = begin(api, stub, challenge("SELECT_CHALLENGE") | {"AvailableChallenges": offered})
    assert asked["parameters"] == {"choices": []}


def test_outage_uses_up_no_messages(api: Api, stub: PoolStub) -> None:
    body = {"email": EMAIL, "preferred": "EMAIL_OTP"}
    stub.misbehave("InitiateAuth", "status:500")
    for _ in range(7):
        assert_problem(api("sign-in", body), 503, "cognito_unavailable")
    stub.answer("InitiateAuth", challenge("EMAIL_OTP", **DESTINATION))
    assert api("sign-in", body).status_code == 200
    assert not AuditEvent.objects.exists()
    assert AttemptCounter.objects.exists()
