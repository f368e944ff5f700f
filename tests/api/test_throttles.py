"""The requests that count against rate limits, and the accounts that they count for."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from accounts.models import AttemptCounter, AuditEvent
from accounts.rate_limits import limits
from accounts.rate_limits.counters import Limit
from api.notes.models import Note
from tests.api.auth.conftest import BODIES, PREFIX, Api
from tests.api.auth.conftest import api as api  # noqa: PLC0414 # a fixture
from tests.api.auth.conftest import stub as stub  # noqa: PLC0414 # a fixture
from tests.support.answers import assert_problem
from tests.support.caller import Caller
from tests.support.pool_stub import EMAIL, PoolStub, user
from tests.support.tokens import tokens_of

pytestmark = pytest.mark.django_db

PROFILE = "/api/v1/me/profile"
NOTES = "/api/v1/notes"  # only with notes
VICTIM = "victim@example.com"

Ask = Callable[..., HttpResponse]


@pytest.fixture
def new_user(stub: PoolStub) -> Callable[[], Ask]:
    """Return a function that creates a signed-in user of the API."""

    def make() -> Ask:
        token, caller = tokens_of(str(uuid.uuid4())).access(), Caller()

        def ask(method: str, path: str, body: object = b"") -> HttpResponse:
            return caller(token, path, method=method, body=body)

        return ask

    stub.answer("GetUser", user(sub="a", email=EMAIL))
    return make


def failing_requests(path: str) -> Iterator[HttpResponse]:
    """Send requests that fail, among them those that another site can make a browser send."""
    client = Client(raise_request_exception=False)
    body = json.dumps(BODIES[path])
    address = PREFIX + path
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "", "text/json"):
        yield client.generic("POST", address, body, content_type)  # type: ignore[misc]
    for unreadable in ("", "{", "[]", '{"email":1}', '{"refresh_token":"no token"}', body + "x"):
        yield client.generic("POST", address, unreadable, "application/json")  # type: ignore[misc]
    yield client.generic("POST", f"{address}?a=1", body, "application/json")  # type: ignore[misc]
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        yield client.generic(method, address, body, "application/json")  # type: ignore[misc]


@pytest.mark.parametrize("path", BODIES)
def test_malformed_requests_do_not_count(stub: PoolStub, path: str) -> None:
    assert {response.status_code for response in failing_requests(path)} <= {400, 401, 405, 415}
    assert AttemptCounter.objects.count() == 0
    assert stub.received == []


def test_sign_out_is_never_refused_for_requests_of_other_clients(
    api: Api, stub: PoolStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.auth.tokens.UNKNOWN_SIGN_OUTS", Limit(3, 9))
    monkeypatch.setattr("api.auth.tokens.REFRESH", Limit(3, 9))
    stub.refuse("GetTokensFromRefreshToken", "NotAuthorizedException")
    for _ in range(5):
        assert api.send("sign-out", refresh_token=stub.new_refresh_token()).status_code == 204
        api.send("refresh", refresh_token=stub.new_refresh_token())
    assert len(stub.calls("GetTokensFromRefreshToken")) == 3 + 3

    genuine = stub.new_refresh_token()
    assert api.send("sign-out", refresh_token=genuine).status_code == 204
    assert stub.calls("RevokeToken")[-1]["Token"] == genuine


def test_sign_out_with_an_access_token_is_refused_above_the_limit_too(
    api: Api, stub: PoolStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.auth.tokens.UNKNOWN_SIGN_OUTS", Limit(1, 9))
    stub.refuse("GetTokensFromRefreshToken", "NotAuthorizedException")
    stub.refuse("RevokeToken", "UnsupportedTokenTypeException")
    for _ in range(3):
        response = api.send("sign-out", refresh_token=stub.new_refresh_token())
        assert_problem(response, 401, "invalid_refresh_token")


def test_sign_out_everywhere_is_never_refused_but_its_audit_events_are_limited(
    new_user: Callable[[], Ask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.auth.tokens.RECORDED_SIGN_OUTS", Limit(2, 300))
    ada = new_user()

    statuses = [ada("POST", f"{PREFIX}sign-out-everywhere").status_code for _ in range(4)]

    # The token is refused only after the process has loaded the new revocation.
    assert statuses == [204] * 4
    assert AuditEvent.objects.count() == 2


def test_sign_outs_that_succeed_are_not_counted(
    api: Api, stub: PoolStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.auth.tokens.UNKNOWN_SIGN_OUTS", Limit(1, 9))
    for _ in range(3):
        assert api.send("sign-out", refresh_token=stub.new_refresh_token()).status_code == 204
    assert len(stub.calls("GetTokensFromRefreshToken")) == 3


def test_calls_of_the_user_pool_are_limited_by_account(
    new_user: Callable[[], Ask], stub: PoolStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.rate_limits.limits.CALLS", Limit(3, 300))
    ada, bob = new_user(), new_user()

    assert [ada("GET", PROFILE).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert bob("GET", PROFILE).status_code == 200
    assert len(stub.calls("GetUser")) == 4


def test_changes_of_an_account_and_their_audit_events_are_limited(
    new_user: Callable[[], Ask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.rate_limits.limits.CHANGES", Limit(3, 300))
    ada = new_user()
    # A malformed request does not count.
    assert ada("PATCH", PROFILE, {"name": 1}).status_code == 400

    statuses = [ada("PATCH", PROFILE, {"name": "Ada"}).status_code for _ in range(5)]

    assert statuses == [200, 200, 200, 429, 429]
    assert_problem(ada("POST", "/api/v1/me/mfa/totp"), 429, "throttled")
    assert ada("GET", PROFILE).status_code == 200
    assert AuditEvent.objects.count() == 3


# begin capability notes
def test_account_stores_a_limited_number_of_notes(
    new_user: Callable[[], Ask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.notes.views.MAX_NOTES", 2)
    ada, bob = new_user(), new_user()
    for _ in range(2):
        assert ada("POST", NOTES, {"title": "Tea"}).status_code == 201

    problem = assert_problem(ada("POST", NOTES, {"title": "Tea"}), 409, "too_many_rows")
    assert problem["detail"] == "You have 2 notes, which is the limit. Delete some first."
    assert bob("POST", NOTES, {"title": "Tea"}).status_code == 201

    mine = ada("GET", NOTES).json()["results"][0]["id"]  # type: ignore[attr-defined]
    assert ada("DELETE", f"{NOTES}/{mine}").status_code == 204
    assert ada("POST", NOTES, {"title": "Tea"}).status_code == 201


# end capability notes


# begin capability notes
def test_writes_of_notes_are_limited_by_account(
    new_user: Callable[[], Ask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.notes.views.WRITES", Limit(3, 300))
    ada, bob = new_user(), new_user()
    statuses = [ada("POST", NOTES, {"title": "Tea"}).status_code for _ in range(4)]

    assert statuses == [201, 201, 201, 429]
    note = f"{NOTES}/{Note.objects.first().pk}"  # type: ignore[union-attr]
    assert_problem(ada("PATCH", note, {"title": "Coffee"}), 429, "throttled")
    assert_problem(ada("DELETE", note), 429, "throttled")
    assert ada("GET", note).status_code == 200
    assert bob("POST", NOTES, {"title": "Tea"}).status_code == 201


# end capability notes


def test_completed_sign_ins_are_limited_by_account(
    api: Api, stub: PoolStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.auth.sign_in.SIGN_INS", Limit(2, 300))

    assert [api.send("sign-in").status_code for _ in range(4)] == [200, 200, 429, 429]
    assert AuditEvent.objects.count() == 2


def test_networks_of_one_ipv6_site_share_a_wider_limit() -> None:
    def statuses(addresses: list[str]) -> list[bool]:
        passed = []
        for address in addresses:
            request = RequestFactory().get("/", REMOTE_ADDR=address)
            try:
                limits.count_request(request, "test", Limit(2, 60))
            except limits.LimitReached:
                passed.append(False)
            else:
                passed.append(True)
        return passed

    site = [f"2001:db8:1:{number:x}::1" for number in range(100)]

    assert statuses(["2001:db8:1:ff::1"] * 3) == [True, True, False]
    assert statuses(site) == [True] * 18 + [False] * 82
    assert statuses(["2001:db8:2:1::1"]) == [True]


def test_mails_to_one_address_are_limited_for_all_callers_together(
    new_user: Callable[[], Ask], api: Api, stub: PoolStub
) -> None:
    ada, bob = new_user(), new_user()
    for ask in (ada, bob, ada, bob, ada):
        assert ask("PATCH", PROFILE, {"email": VICTIM}).status_code == 200

    for ask in (bob, new_user()):
        assert_problem(ask("PATCH", PROFILE, {"email": VICTIM.upper()}), 429, "throttled")
    assert len(stub.calls("UpdateUserAttributes")) == 5
    # A password reset counts for the same mailbox, but the answer does not reveal the limit.
    assert api.send("forgot-password", email=VICTIM).status_code == 202
    assert stub.calls("ForgotPassword") == []
    # Other addresses have their own limits.
    assert new_user()("PATCH", PROFILE, {"email": "other@example.com"}).status_code == 200


def test_mail_that_could_not_be_sent_does_not_count_against_its_target(
    new_user: Callable[[], Ask], stub: PoolStub
) -> None:
    stub.misbehave("UpdateUserAttributes", "status:500")
    for _ in range(6):
        assert new_user()("PATCH", PROFILE, {"email": VICTIM}).status_code == 503
    stub.answer("UpdateUserAttributes", {})

    assert new_user()("PATCH", PROFILE, {"email": VICTIM}).status_code == 200


@pytest.mark.slow
def test_one_telephone_number_is_limited_for_all_callers_together(
    new_user: Callable[[], Ask], api: Api, stub: PoolStub
) -> None:
    number = "+441632960000"
    for attempt in range(3):
        email = f"user{attempt}@example.com"
        assert api.send("sign-up", email=email, phone_number=number).status_code == 202
    for _ in range(2):
        assert new_user()("PATCH", PROFILE, {"phone_number": number}).status_code == 200

    assert_problem(api.send("sign-up", phone_number=number), 429, "throttled")
    assert_problem(new_user()("PATCH", PROFILE, {"phone_number": number}), 429, "throttled")
    assert api.send("sign-up", phone_number="+441632960001").status_code == 202
