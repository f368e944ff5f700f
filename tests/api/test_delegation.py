"""Tokens with which a service or agent acts for a user (RFC 8693)."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from accounts import process
from accounts.models import AuditEvent, User
from accounts.rate_limits import limits
from accounts.rate_limits.counters import Limit
from api.notes import views as notes
from cognito.testing import TokenFactory
from tests.api.test_scopes import COGNITO_SCOPE, endpoints
from tests.support.answers import assert_problem, assert_refused, body_of
from tests.support.caller import Caller
from tests.support.tokens import SUB, tokens_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keys", "_closed_pool")]

AGENT = {"sub": "agent-x"}
EVERY_SCOPE = f"openid {COGNITO_SCOPE} api/read api/write api/account api/operate api/audit"
EVERYWHERE = "/api/v1/auth/sign-out-everywhere"
# Only the user may do these.
OF_THE_USER = [
    ("delete", "me"),
    ("post", "me/password"),
    ("post", "me/mfa/totp"),
    ("put", "me/mfa/totp"),
    ("delete", "me/mfa/totp"),
    ("get", "me/passkeys"),
    ("post", "me/passkeys"),
    ("put", "me/passkeys"),
    ("delete", "me/passkeys/{passkey_id}"),
    ("post", "me/profile/confirm-email"),
    *[one for one in endpoints() if one[1].startswith("operators/")],  # only with console
]


@pytest.fixture
def _closed_pool(settings: Settings) -> None:
    settings.AWS_ENDPOINT_URL = "http://127.0.0.1:9"


def delegated(sub: str = SUB, act: Any = AGENT, scope: str = EVERY_SCOPE, **changed: Any) -> str:
    claims = {"cognito:groups": ["operators"]}
    return tokens_of(sub).access(claims, act=act, scope=scope, **changed)


def test_identity_names_the_actors(call: Caller) -> None:
    act = {
        "sub": "agent-x",
        "act": {"sub": "service-y", "iss": "https://issuer.example.net", "client_id": "y"},
    }
    me = body_of(call(delegated(act=act)))
    assert me["sub"] == SUB
    assert me["actor"] == {
        "sub": "agent-x",
        "issuer": None,
        "client_id": None,
        "prior": [{"sub": "service-y", "issuer": "https://issuer.example.net", "client_id": "y"}],
    }


def test_identity_of_a_user_who_calls_has_no_actor(call: Caller, tokens: TokenFactory) -> None:
    assert "actor" not in body_of(call(tokens.access()))


@pytest.mark.parametrize(
    "act",
    [
        None,
        {},
        [],
        [AGENT],
        "agent-x",
        {"sub": "a", "act": {"sub": "b", "act": {"sub": "c", "act": {"sub": "d"}}}},
        AGENT | {"note": "x" * 3_000},
    ],
    ids=lambda act: str(act)[:40],
)
def test_malformed_actor_is_refused(call: Caller, act: object) -> None:
    assert_refused(call(delegated(act=act)), "invalid_claim")


@pytest.mark.parametrize(("method", "path"), OF_THE_USER)
def test_actor_may_not_act_where_only_the_user_may(call: Caller, method: str, path: str) -> None:
    response = call(delegated(), f"/api/v1/{path}", method=method.upper(), body={})

    assert_problem(response, 403, "delegated_token")


@pytest.mark.parametrize("changes", [{"email": "b@example.com"}, {"phone_number": "+441632960123"}])
def test_actor_may_not_change_what_resets_the_password(
    call: Caller, changes: dict[str, str]
) -> None:
    def ask(body: dict[str, str]) -> Any:
        return call(delegated(), "/api/v1/me/profile", method="PATCH", body=body)

    assert_problem(ask(changes), 403, "delegated_token")
    assert_problem(ask(changes | {"name": "Uma"}), 403, "delegated_token")
    # The pool is not running, so the request was permitted.
    assert ask({"name": "Uma"}).status_code == 503


# begin capability notes
def test_actor_needs_the_scope_even_through_a_first_party_client(
    call: Caller, tokens: TokenFactory
) -> None:
    """A derived token has few scopes, and must not get the rights of one that needs none."""
    assert call(tokens.access(scope="openid"), "/api/v1/notes").status_code == 200
    assert_problem(call(delegated(scope="openid"), "/api/v1/notes"), 403, "insufficient_scope")
    assert call(delegated(scope="api/read"), "/api/v1/notes").status_code == 200


# end capability notes


@pytest.mark.usefixtures("fresh_process")
@pytest.mark.parametrize("act", [{"sub": "agent-x"}, {"sub": "new", "act": {"sub": "agent-x"}}])
def test_actor_who_is_switched_off_cannot_act(call: Caller, settings: Settings, act: Any) -> None:
    User.objects.create(issuer=settings.COGNITO_ISSUER, sub="agent-x", is_active=False)
    User.objects.create(issuer=settings.COGNITO_ISSUER, sub="other", is_active=True)
    # A new process asks the database, and later ones read their list.
    for _ in range(3):
        assert_refused(call(delegated(act=act)), "token_revoked")
        assert call(delegated(act={"sub": "other"})).status_code == 200
        assert call(delegated(act={"sub": "agent-x", "iss": "https://a"})).status_code == 200


# --- The audit trail ------------------------------------------------------------------------------


def sign_out_everywhere(call: Caller, act: Any) -> AuditEvent:
    token = delegated(act=act, scope="api/account")
    assert call(token, EVERYWHERE, method="POST").status_code == 204
    return AuditEvent.objects.latest("pk")


@pytest.fixture
def uma(settings: Settings) -> User:
    return User.objects.create(issuer=settings.COGNITO_ISSUER, sub=SUB, email="uma@example.com")


@pytest.mark.usefixtures("uma")
def test_trail_has_the_agent_as_actor_and_the_user_as_subject(call: Caller) -> None:
    event = sign_out_everywhere(call, AGENT)

    assert (event.actor_sub, event.actor_label) == ("agent-x", "uma@example.com, through agent-x")
    assert (event.subject_sub, event.subject_label) == (SUB, "uma@example.com")


@pytest.mark.usefixtures("uma")
def test_trail_names_the_whole_chain_and_foreign_issuers(call: Caller) -> None:
    issuer = "https://issuer.example.net"
    event = sign_out_everywhere(call, AGENT | {"act": {"sub": "y", "iss": issuer}})

    assert event.actor_sub == "agent-x"
    assert event.actor_label == f"uma@example.com, through y of {issuer} and agent-x"


def test_long_and_invisible_names_hide_no_actor(call: Caller, uma: User) -> None:
    User.objects.filter(pk=uma.pk).update(email="u" * 240 + "@example.com")
    act = {"sub": "a" * 250, "act": {"sub": "b" * 250, "act": {"sub": "\u202ec" * 100}}}
    event = sign_out_everywhere(call, act)

    assert len(event.actor_label) <= 320
    assert all(part in event.actor_label for part in ("uuu", "aaa", "bbb", "[U+202E]c"))
    assert event.actor_sub == "a" * 250


# begin capability console
@pytest.mark.usefixtures("uma")
def test_operators_find_the_events_of_an_agent(call: Caller, tokens: TokenFactory) -> None:
    sign_out_everywhere(call, AGENT)
    # The sign-out above ended all sign-ins of the user.
    operator = tokens_of("0b6ed9f2-6f0c-4c43-8f5a-3f2a1c9a7d10")
    token = operator.access({"cognito:groups": ["operators"]})

    def found(query: str) -> list[Any]:
        results: list[Any] = body_of(call(token, f"/api/v1/operators/audit-events?{query}"))[
            "results"
        ]
        return results

    (event,) = found("actor=agent-x")
    assert event == found(f"subject={SUB}")[0]
    assert event["actor_label"] == "uma@example.com, through agent-x"
    assert event["subject_label"] == "uma@example.com"
    assert found(f"actor={SUB}") == []


# end capability console


# --- Rate limits ----------------------------------------------------------------------------------


# begin capability notes
def write(call: Caller, token: str) -> int:
    body = {"title": "a", "body": "b"}
    return call(token, "/api/v1/notes", method="POST", body=body).status_code


# end capability notes


# begin capability notes
def test_change_of_the_actor_does_not_evade_a_limit(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "WRITES", Limit(3, 60))
    actors = [{"sub": "a"}, {"sub": "b"}, {"sub": "b", "iss": "https://c"}, {"client_id": "d"}]
    assert [write(call, delegated(act=act)) for act in actors] == [201, 201, 201, 429]
    assert write(call, tokens_of(SUB).access()) == 429


# end capability notes


# begin capability notes
def test_actor_for_many_users_is_limited(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "WRITES", Limit(1, 60))
    users = [f"user-{number}" for number in range(limits.ACTOR_FACTOR + 2)]
    answers = [write(call, delegated(sub=user)) for user in users]

    assert answers == [201] * limits.ACTOR_FACTOR + [429, 429]
    # It may not hide behind another actor.
    assert write(call, delegated(sub="other", act={"sub": "new", "act": AGENT})) == 429
    # Users without it are not affected.
    assert write(call, delegated(sub="other", act={"sub": "new"})) == 201
    assert write(call, tokens_of("another").access()) == 201


# end capability notes


# begin capability notes
def test_limited_user_does_not_use_up_the_limit_of_the_actor(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "WRITES", Limit(1, 60))
    answers = [write(call, delegated(sub="impatient")) for _ in range(limits.ACTOR_FACTOR + 5)]
    assert answers == [201] + [429] * (limits.ACTOR_FACTOR + 4)
    assert write(call, delegated(sub="other")) == 201


# end capability notes


def test_actor_that_calls_from_many_addresses_is_limited_like_one_address(
    rf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(number: int, sub: str) -> None:
        request = rf.get("/", REMOTE_ADDR=f"203.0.113.{number}")
        request.auth = claims
        with limits.count_attempt(request, throttle, account=sub):
            pass

    throttle = limits.Throttle("test", per_account=Limit(5, 60), per_address=Limit(3, 60))
    claims = process.current.verification.verifier.verify(
        delegated(), token_uses=frozenset({"access"})
    )
    for number in range(3):
        count(number, f"user-{number}")
    with pytest.raises(limits.LimitReached):
        count(4, "user-4")
    # The address was not charged.
    claims = claims._replace(actors=())
    for number in range(3):
        count(4, f"user-5{number}")
    with pytest.raises(limits.LimitReached):
        count(4, "user-6")
