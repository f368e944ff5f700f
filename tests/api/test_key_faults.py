"""The key set being down, slow, garbage or rotating, as clients of the API see it."""

from __future__ import annotations

import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.http import HttpResponse
from pytest_django import Settings

from accounts import conf
from cognito import deadlines
from cognito.testing import KeySetServer, SigningKey, signing_key
from tests.api.conftest import Caller
from tests.support.answers import assert_problem, assert_refused
from tests.support.clock import ends_within
from tests.support.tokens import Forge, access_claims, rs

NO_KEYS = [
    "status:500", "status:503", "status:403", "status:404", "status:429", "status:204", "garbage",
    "html", "empty", "array", "list", "bom", "utf16", "twice", "deep", "no_keys", "empty_keys",
    "null_keys", "keys_object", "message", "truncate", "reset", "header_bomb", "huge:50000000",
    "gzip_bomb:10000000", "redirect_loop", "redirect:http://127.0.0.1:9/x", "no_kid", "no_alg",
    "other_alg", "no_use", "use_enc", "dup_kid", "small_key",
]  # fmt: skip
SLOW = ["hang", "delay:30", "drip:0.2", "header_drip:0.2"]


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def assert_unavailable(response: HttpResponse) -> None:
    assert_problem(response, 503, "keys_unavailable")
    assert 1 <= int(response["Retry-After"]) <= 60
    assert "WWW-Authenticate" not in response


def renew(server: KeySetServer) -> None:
    """Let the keys be old, as they are after ten minutes, and wait for what comes of it."""
    keys, hits = conf.verification_keys(), server.hits
    keys._renew_at = 0
    keys.current_generation()
    until = time.monotonic() + 5
    while keys._flight is not None and time.monotonic() < until:
        time.sleep(0.01)
    assert server.hits == hits + 1


def unknown(forge: Forge, kid: str) -> str:
    """A well-signed token under a name that the pool does not publish."""
    return forge.token(header=forge.header(kid=kid))


@pytest.mark.parametrize("fault", [*NO_KEYS, *SLOW])
def test_without_keys_it_is_a_503_problem_in_time(
    call: Caller, forge: Forge, key_set: KeySetServer, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    if fault in SLOW:
        monkeypatch.setattr(deadlines, "KEY_SET_SECONDS", 0.5)
    key_set.behave(fault)
    before = resident_bytes()

    with ends_within(10):
        assert_unavailable(call(forge.token()))

    assert key_set.hits == 1
    assert resident_bytes() - before < 20_000_000


@pytest.mark.parametrize("fault", [*NO_KEYS, "hang"])
def test_known_keys_stay_in_use(
    call: Caller, forge: Forge, key_set: KeySetServer, fault: str
) -> None:
    token = forge.token()
    assert call(token).status_code == 200
    key_set.behave(fault)

    renew(key_set)

    assert call(token).status_code == 200
    assert call(forge.token(access_claims(jti="new"))).status_code == 200


def test_an_outage_is_logged_once_a_minute_and_fails_nobody(
    call: Caller, forge: Forge, key_set: KeySetServer, caplog: pytest.LogCaptureFixture
) -> None:
    assert call(forge.token()).status_code == 200
    key_set.behave("status:503")

    for n in range(20):
        renew(key_set)
        assert call(forge.token(access_claims(jti=str(n)))).status_code == 200

    warnings = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert len(warnings) == 1


def test_a_process_that_started_in_an_outage_recovers_by_itself(
    call: Caller, forge: Forge, key_set: KeySetServer
) -> None:
    key_set.behave("status:503")
    first = call(forge.token())
    assert_unavailable(first)
    key_set.behave("ok")

    time.sleep(int(first["Retry-After"]))

    assert call(forge.token()).status_code == 200


@pytest.mark.parametrize("document", ["bad_key_first", "junk_entries", "exotic"])
def test_unusable_keys_do_not_spoil_the_good_one(
    call: Caller, forge: Forge, key_set: KeySetServer, document: str
) -> None:
    key_set.behave(document)

    assert call(forge.token()).status_code == 200
    for kid in ("zero", "odd", "no numbers", "oct", "ec"):
        assert_refused(call(unknown(forge, kid)), "unknown_key")
    assert_refused(
        call(forge.token(header={"alg": "HS256", "kid": "oct"})), "unsupported_algorithm"
    )


@pytest.mark.parametrize(
    "kid",
    ["UPPER", "' OR 1=1 --", "../../etc/passwd", "keys", "0", "__class__", "http://127.0.0.1:9/"],
)
def test_a_kid_that_is_not_in_the_set_is_refused(
    call: Caller, forge: Forge, key_set: KeySetServer, kid: str
) -> None:
    assert_refused(call(unknown(forge, kid)), "unknown_key")
    assert_refused(call(unknown(forge, forge.key.kid.swapcase())), "unknown_key")
    assert key_set.hits == 1


def test_half_a_character_in_a_kid_is_refused_without_a_fetch(
    call: Caller, forge: Forge, key_set: KeySetServer
) -> None:
    header = b'{"alg": "RS256", "kid": "\\ud800"}'

    assert_refused(call(forge.token(header=header)), "malformed_token")
    assert key_set.hits == 0


def test_a_new_key_is_taken_after_one_fetch_and_the_old_one_goes(
    call: Caller, forge: Forge, key_set: KeySetServer
) -> None:
    old = forge.token()
    assert call(old).status_code == 200
    key_set.publish(forge.second_key)
    new = forge.token(header=forge.header(kid=forge.second_key.kid), sign=rs(forge.second_key))

    assert call(new).status_code == 200
    assert key_set.hits == 2
    assert_refused(call(old), "unknown_key")


def test_a_withdrawn_key_is_refused_once_the_set_is_renewed(
    call: Caller, forge: Forge, key_set: KeySetServer
) -> None:
    token = forge.token()
    assert call(token).status_code == 200
    key_set.publish(forge.second_key)

    renew(key_set)

    assert_refused(call(token), "unknown_key")


def test_flood_of_unknown_kids_costs_one_fetch_in_ten_seconds_and_good_tokens_nothing(
    call: Caller, forge: Forge, key_set: KeySetServer
) -> None:
    good = forge.token()
    assert call(good).status_code == 200
    garbage = [
        forge.token(header=forge.header(kid=f"unknown-{n}"), sign=lambda _: bytes(256))
        for n in range(200)
    ]

    began = time.monotonic()
    for token in garbage:
        assert_refused(call(token), "unknown_key")
        assert call(good).status_code == 200

    # The first is the fetch of the good token's key.
    assert key_set.hits <= 2 + (time.monotonic() - began) // 10


def test_known_keys_do_not_wait_behind_a_fetch_that_hangs(
    call: Caller, forge: Forge, key_set: KeySetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KEY_SET_SECONDS", "REQUEST"):
        long = deadlines.Budget(calls=30, database=30) if name == "REQUEST" else 30
        monkeypatch.setattr(deadlines, name, long)
    good = forge.token()
    assert call(good).status_code == 200
    key_set.behave("hang")
    behind: list[int] = []
    stuck = threading.Thread(
        target=lambda: behind.append(Caller()(unknown(forge, "new")).status_code)
    )

    stuck.start()
    while key_set.hits < 2:
        time.sleep(0.01)
    with ends_within(10):
        answers = [call(good), call(forge.token(access_claims(jti="another")))]
    assert stuck.is_alive()
    key_set.behave("ok")  # lets go of it
    stuck.join(20)

    assert [answer.status_code for answer in answers] == [200, 200]
    assert behind == [503]


def test_fifty_first_requests_share_one_fetch(forge: Forge, key_set: KeySetServer) -> None:
    key_set.behave("delay:0.5")
    tokens = [forge.token(access_claims(jti=str(n))) for n in range(50)]

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda token: Caller()(token).status_code, tokens))

    assert answers == [200] * 50
    assert key_set.hits == 1


def test_a_failed_fetch_is_not_repeated_for_each_request(
    call: Caller, forge: Forge, key_set: KeySetServer
) -> None:
    key_set.behave("status:503")
    began = time.monotonic()

    for n in range(100):
        assert_unavailable(call(forge.token(access_claims(jti=str(n)))))

    assert key_set.hits <= 1 + (time.monotonic() - began) // 2


def test_nothing_is_fetched_for_a_token_that_fails_a_cheaper_check(
    call: Caller, forge: Forge, key_set: KeySetServer
) -> None:
    header = forge.header(kid="unknown")
    for token, code in [
        (forge.token(header=header | {"alg": "HS256"}), "unsupported_algorithm"),
        (forge.token(access_claims(iss="https://evil.example"), header=header), "wrong_issuer"),
        (forge.token(access_claims(exp=1), header=header), "token_expired"),
        (forge.token(access_claims(client_id="x"), header=header), "wrong_client"),
        (forge.token(access_claims(more="x" * 20_000), header=header), "malformed_token"),
    ]:
        assert_refused(call(token), code)

    assert key_set.hits == 0


def test_redirects_and_proxies_of_the_environment_lead_nowhere(
    call: Caller,
    forge: Forge,
    key_set: KeySetServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with KeySetServer(forge.attackers_key) as elsewhere:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, elsewhere.url)
        key_set.behave(f"redirect307:{elsewhere.url}")

        assert_unavailable(call(forge.token()))

        assert (key_set.hits, elsewhere.hits) == (1, 0)


class Mislabelled(SigningKey):
    """A good key, published with other members than it should have."""

    def __init__(self, key: SigningKey, **members: object) -> None:
        self.kid, self._key, self._members = key.kid, key, members

    def jwk(self, **changes: object) -> dict[str, object]:
        return self._key.jwk(**self._members, **changes)


@pytest.mark.parametrize(
    "members",
    [
        {"alg": "RS512"},
        {"alg": "PS256"},
        {"alg": None},
        {"use": "enc"},
        {"use": None},
        {"kty": "EC"},
        {"key_ops": ["encrypt"]},
        {"e": "AQ"},
        {"n": "AQAB"},
        {"n": None},
    ],
)
def test_a_key_that_is_not_for_rs256_verifies_nothing(
    call: Caller, forge: Forge, key_set: KeySetServer, members: dict[str, object]
) -> None:
    mislabelled = signing_key("mislabelled")
    key_set.publish(forge.key, Mislabelled(mislabelled, **members))
    theirs = forge.token(header=forge.header(kid=mislabelled.kid), sign=rs(mislabelled))

    assert_refused(call(theirs), "unknown_key")
    assert call(forge.token()).status_code == 200


def test_keys_that_come_with_the_settings_need_no_network(
    call: Caller, forge: Forge, known_keys: None, settings: Settings
) -> None:
    assert call(forge.token()).status_code == 200
    assert conf.verification_keys().has_keys
