"""Cookies, addresses and headers at the three kinds of public address of a deployment."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import VARIABLES
from tests.support.provider.browser import parameters

ROOT = Path(__file__).parents[2]
HTTP = "http://localhost:8000"
HTTPS = "https://gate.example.com"
STAGE = "https://abc123.execute-api.eu-west-1.amazonaws.com/dev"
ALL = pytest.mark.parametrize("public_url", [HTTP, HTTPS, STAGE])
OVER_HTTPS = pytest.mark.parametrize("public_url", [HTTPS, STAGE])

Answers = dict[str, dict[str, Any]]


@cache
def visit_to(public_url: str) -> Answers:
    """Return the responses of `one_visit` to a site at this address."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.accounts.one_visit", public_url],
        cwd=ROOT,
        env={**VARIABLES, "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    # Log lines precede the JSON.
    answers: Answers = json.loads(finished.stdout.splitlines()[-1])
    return answers


def cookies_of(public_url: str) -> dict[str, dict[str, Any]]:
    """Return all cookies that the visit set, without the deleted ones."""
    return {
        name: morsel
        for answer in visit_to(public_url).values()
        for name, morsel in answer["cookies"].items()
        if morsel["max-age"] > 0
    }


@ALL
def test_every_request_of_the_visit_gets_its_status(public_url: str) -> None:
    answers = visit_to(public_url)
    statuses = {name: answer["status"] for name, answer in answers.items()}
    statuses_of_plain = {name: statuses.pop(name) for name in ("plain", "evil host")}
    assert statuses == {
        "home": 200,
        "start": 302,
        "callback": 302,
        "profile": 200,
        "session": 200,
        "session elsewhere": 401,
        "admin": 403,  # only with console
        "missing": 404,
        "logout": 302,
        "anonymous": 302,
        "plain health": 200,
    }
    assert statuses_of_plain == (
        {"plain": 302, "evil host": 400} if public_url == HTTP else {"plain": 400, "evil host": 400}
    )


@ALL
def test_every_address_is_built_from_the_public_url(public_url: str) -> None:
    answers = visit_to(public_url)
    prefix = "/dev" if public_url == STAGE else ""
    sent = parameters(answers["start"]["headers"]["location"])
    assert sent["redirect_uri"] == f"{public_url}/accounts/callback/"
    left = parameters(answers["logout"]["headers"]["location"])
    assert left["logout_uri"] == f"{public_url}/accounts/logged-out/"
    assert answers["callback"]["headers"]["location"] == f"{prefix}/"
    assert answers["anonymous"]["headers"]["location"].startswith(f"{prefix}/accounts/login/")


@ALL
def test_every_cookie_is_restricted_to_this_site(public_url: str) -> None:
    cookies = cookies_of(public_url)
    prefix = {HTTP: "", HTTPS: "__Host-", STAGE: "__Secure-"}[public_url]
    plain_names = {"-".join(name.removeprefix(prefix).split("-")[:2]) for name in cookies}
    assert plain_names == {f"gatehouse-{kind}" for kind in ("session", "csrf", "login")}
    for name, morsel in cookies.items():
        assert morsel["httponly"], name
        assert morsel["samesite"] == "Lax"
        assert "domain" not in morsel
        # The browser sends it to the API as well, below the same path.
        assert morsel["path"] == ("/dev/" if public_url == STAGE else "/")
        assert bool(morsel.get("secure")) is (public_url != HTTP)


@ALL
def test_cookie_is_deleted_with_the_attributes_it_was_set_with(public_url: str) -> None:
    deleted = {
        name: morsel
        for answer in visit_to(public_url).values()
        for name, morsel in answer["cookies"].items()
        if morsel["max-age"] == 0
    }
    assert len(deleted) == 2
    for morsel in deleted.values():
        assert morsel["path"] == ("/dev/" if public_url == STAGE else "/")
        assert bool(morsel.get("secure")) is (public_url != HTTP)


@ALL
def test_every_answer_carries_the_security_headers(public_url: str) -> None:
    for name, answer in visit_to(public_url).items():
        headers = answer["headers"]
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy, name
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "no-store" in headers["cache-control"]


@OVER_HTTPS
def test_https_site_sends_strict_transport_security(public_url: str) -> None:
    answers = visit_to(public_url)
    for name in ("home", "start", "callback", "profile", "missing"):
        policy = answers[name]["headers"]["strict-transport-security"]
        assert policy == "max-age=31536000; includeSubDomains"


@OVER_HTTPS
def test_plain_http_is_refused_without_a_redirect_to_itself(public_url: str) -> None:
    plain = visit_to(public_url)["plain"]
    assert plain["status"] == 400
    assert "location" not in plain["headers"]
    assert not plain["cookies"]


def test_http_site_sends_no_strict_transport_security() -> None:
    for answer in visit_to(HTTP).values():
        assert "strict-transport-security" not in answer["headers"]
