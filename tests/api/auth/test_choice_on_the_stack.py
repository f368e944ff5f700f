"""Sign-in by choice and passkeys against the local Cognito, with the pool of `make run`."""

from __future__ import annotations

import re
import statistics
import uuid
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import pytest
import requests
from django.http import HttpResponse

from accounts.models import AttemptCounter
from infra.users import ensure_user
from tests.api.auth.conftest import PASSWORD, Api
from tests.api.me.conftest import PASSKEYS, PROFILE
from tests.support.answers import assert_problem, body_of
from tests.support.application import Stack
from tests.support.first_factors import first_factors
from tests.support.software_authenticator import SoftwareAuthenticator, tampered

pytestmark = [pytest.mark.ministack, pytest.mark.django_db]

ACCOUNTS = 60


@pytest.fixture(autouse=True)
def _choice(pool: Stack) -> Iterator[None]:
    with first_factors(pool.aws.cognito(), pool.pool.user_pool_id):
        yield


def new_user(pool: Stack) -> str:
    email = f"{uuid.uuid4().hex[:12]}@example.com"
    ensure_user(
        pool.aws.cognito(),
        user_pool_id=pool.pool.user_pool_id,
        email=email,
        password=PASSWORD,
        groups=[],
    )
    return email


def begin(api: Api, email: str, **members: str) -> dict[str, Any]:
    response = api("sign-in", {"email": email} | members)
    assert response.status_code == 200, response.content
    asked: dict[str, Any] = body_of(response)
    api.secrets.append(asked["session"])
    return asked


def respond(api: Api, asked: dict[str, Any], email: str, **answers: Any) -> HttpResponse:
    sent = {"challenge": asked["challenge"], "session": asked["session"], "email": email}
    return api("challenge", sent | {"answers": answers})


def token_in(response: HttpResponse) -> str:
    assert response.status_code == 200, response.content
    return str(body_of(response)["access_token"])


def mailed_code(pool: Stack, email: str) -> str:
    """Return the code of the last mail to an address."""
    mails = requests.get(f"{pool.aws.endpoint_url}/_ministack/ses/messages", timeout=10).json()
    sent = [one for every in mails["messages"].values() for one in every if one["To"] == [email]]
    newest = max(sent, key=lambda mail: float(mail["Timestamp"]))
    found = re.search(r"\b\d{8}\b", newest["BodyText"])
    assert found is not None
    return found[0]


def register(api: Api, token: str) -> SoftwareAuthenticator:
    """Register a passkey of an authenticator in two steps."""
    options = body_of(api.call(token, PASSKEYS, method="POST"))["creation_options"]
    authenticator = SoftwareAuthenticator()
    credential = authenticator.register(options)
    response = api.call(token, PASSKEYS, method="PUT", body={"credential": credential})
    assert response.status_code == 204, response.content
    return authenticator


def test_passkey_is_registered_used_and_deleted(pool: Stack, api: Api) -> None:
    email = new_user(pool)
    token = token_in(api.send("sign-in", email=email))
    assert body_of(api.call(token, PASSKEYS)) == {"passkeys": []}
    authenticator = register(api, token)
    (listed,) = body_of(api.call(token, PASSKEYS))["passkeys"]
    assert listed["relying_party"] == "localhost"

    asked = begin(api, email)
    assert asked["parameters"]["choices"] == ["WEB_AUTHN", "EMAIL_OTP", "PASSWORD"]
    asked = body_of(respond(api, asked, email, factor="WEB_AUTHN"))
    credential = authenticator.sign_in(asked["parameters"]["request_options"])
    token = token_in(respond(api, asked, email, credential=credential))
    assert body_of(api.call(token, PROFILE))["email"] == email
    replayed = respond(api, asked, email, credential=credential)
    assert_problem(replayed, 401, "passkey_refused")

    asked = begin(api, email, preferred="WEB_AUTHN")
    credential = authenticator.sign_in(asked["parameters"]["request_options"])
    refused = respond(api, asked, email, credential=tampered(credential, "signature"))
    assert_problem(refused, 401, "passkey_refused")

    path = f"{PASSKEYS}/{listed['id']}"
    assert api.call(token, path, method="DELETE").status_code == 204
    assert_problem(api.call(token, path, method="DELETE"), 404, "not_found")
    assert begin(api, email, preferred="WEB_AUTHN")["challenge"] == "SELECT_CHALLENGE"


def test_code_by_mail_and_a_chosen_password_sign_in(pool: Stack, api: Api) -> None:
    email = new_user(pool)
    asked = begin(api, email, preferred="EMAIL_OTP")
    assert asked["parameters"]["destination"]
    wrong = respond(api, asked, email, code="00000000")
    problem = assert_problem(wrong, 400, "validation_failed")
    assert list(problem["errors"]) == ["answers.code"]
    token = token_in(respond(api, asked, email, code=mailed_code(pool, email)))
    assert body_of(api.call(token, PROFILE))["email"] == email

    asked = begin(api, email)
    wrong = respond(api, asked, email, factor="PASSWORD", password="another password")
    assert_problem(wrong, 401, "invalid_credentials")
    token_in(respond(api, asked, email, factor="PASSWORD", password=PASSWORD))


def test_registration_for_another_site_is_refused(pool: Stack, api: Api) -> None:
    token = token_in(api.send("sign-in", email=new_user(pool)))
    options = body_of(api.call(token, PASSKEYS, method="POST"))["creation_options"]
    other = SoftwareAuthenticator(origin="https://evil.example").register(options)
    response = api.call(token, PASSKEYS, method="PUT", body={"credential": other})
    problem = assert_problem(response, 400, "validation_failed")
    assert list(problem["errors"]) == ["credential"]


def shape(response: HttpResponse, email: str) -> str:
    """Return status, headers and body without what is random or the address itself."""
    headers = {name: value for name, value in response.items() if name != "X-Request-ID"}
    body = body_of(response)
    if "session" in body:
        body |= {"session": len(body["session"])}
    options = body.get("parameters", {}).get("request_options")
    if options:
        # Authenticators differ in their ids and transports, and so do the invented passkeys.
        del headers["Content-Length"]
        options["challenge"] = len(options["challenge"])
        options["allowCredentials"] = [sorted(one) for one in options["allowCredentials"]]
    body.pop("request_id", None)
    destination = body.get("parameters", {}).get("destination", "")
    return f"{response.status_code} {headers} {body}".replace(destination, destination[1:])


@pytest.mark.parametrize("preferred", ["", "EMAIL_OTP"])
def test_known_and_unknown_accounts_get_the_same_answers(
    pool: Stack, api: Api, preferred: str, record_property: Callable[[str, object], None]
) -> None:
    """The pool shows a passkey for about half of the unknown names, as that of AWS does."""
    known = [new_user(pool) for _ in range(ACCOUNTS)]
    if not preferred:
        for email in known[: ACCOUNTS // 2]:
            register(api, token_in(api.send("sign-in", email=email)))
    pool.aws.cognito().admin_disable_user(UserPoolId=pool.pool.user_pool_id, Username=known[-1])
    unknown = [f"{uuid.uuid4().hex[:12]}@example.com" for _ in range(ACCOUNTS)]
    body = {"preferred": preferred} if preferred else {}
    shapes: dict[bool, set[str]] = {True: set(), False: set()}
    times: dict[bool, list[float]] = {True: [], False: []}

    for pair in zip(known, unknown, strict=True):
        AttemptCounter.objects.all().delete()
        for email in pair:
            begun = perf_counter()
            response = api("sign-in", {"email": email} | body)
            times[email in known].append(perf_counter() - begun)
            shapes[email in known].add(shape(response, email))
            asked = body_of(response)
            if asked["challenge"] == "EMAIL_OTP":
                wrong = respond(api, asked, email, code="1")
                shapes[email in known].add(shape(wrong, email))
            else:
                wrong = respond(api, asked, email, factor="PASSWORD", password="a wrong one")
                shapes[email in known].add(shape(wrong, email))
                if "WEB_AUTHN" in asked["parameters"]["choices"]:
                    chosen = respond(api, asked, email, factor="WEB_AUTHN")
                    shapes[email in known].add(shape(chosen, email))

    assert sorted(shapes[True]) == sorted(shapes[False])
    assert len(shapes[True]) == (2 if preferred else 4)
    for is_known, taken in times.items():
        record_property(f"median_ms known={is_known}", statistics.median(taken) * 1000)
