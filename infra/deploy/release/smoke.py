"""Smoke tests: whether the deployed application answers, and works with its dependencies."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

from infra.deploy.function.function import deployed_function
from infra.deploy.gateway.domain import domain_target
from infra.deploy.stage.target import Target
from infra.deploy.step import Run, Step
from infra.deploy.web import Answer, get
from infra.errors import InfraError

_ATTEMPTS = 5
PAUSE_SECONDS = 2

# Sends a GET to an address of the application.
Fetch = Callable[[str], Answer]


class SmokeTest(Step):
    """Request pages as a browser does, through everything in front of the function."""

    name = "the smoke test"

    def apply(self, run: Run) -> list[str]:
        smoke_test(run.public_url, run.variables, domain_target=domain_target(run.target))
        return []

    def status(self, target: Target) -> list[str]:
        url = target.stage.public_url or target.api_url()
        if url is None or deployed_function(target).configuration() is None:
            return []
        try:
            answer = get(f"{url}/readyz")
        except OSError as error:
            return [f"{url}/readyz: does not answer ({error})"]
        return [f"{url}/readyz: {answer.status} {answer.body[:200].decode(errors='replace')}"]


def smoke_test(
    public_url: str,
    variables: Mapping[str, str],
    *,
    domain_target: str | None = None,
    fetch: Fetch = get,
) -> None:
    """Request three pages, and check that the answers are those of a working application.

    Args:
        variables: of the application.
        domain_target: the name that the DNS record of a custom domain must lead to. The record may
            not exist yet.
        fetch: sends the requests; by default to `public_url`.

    Raises:
        InfraError: an answer is wrong; the message has it.
        OSError: there is no answer.
    """
    try:
        ready = _wait_for_answer(fetch, f"{public_url}/readyz")
    except InfraError as error:
        if domain_target is None:
            raise
        raise InfraError(
            f"{error}\nThe DNS record of the domain, an alias or CNAME, must lead to "
            f"{domain_target}. When it does, run the same command again."
        ) from error
    if ready.status != http.HTTPStatus.OK:
        _complain(f"{public_url}/readyz", ready, "the dependencies that it names are unavailable")
    me = fetch(f"{public_url}/api/v1/me")
    if me.status != http.HTTPStatus.UNAUTHORIZED or _code(me) is None:
        _complain(f"{public_url}/api/v1/me", me, "a 401 problem was expected without a token")
    login = fetch(f"{public_url}/accounts/login/")
    location = urlsplit(login.headers.get("Location", ""))
    asked = parse_qs(location.query)
    if (
        not location.geturl().startswith(f"{variables['COGNITO_DOMAIN']}/oauth2/authorize?")
        or asked.get("client_id") != [variables["COGNITO_CLIENT_ID"]]
        or asked.get("redirect_uri") != [f"{public_url}/accounts/callback/"]
    ):
        _complain(f"{public_url}/accounts/login/", login, "it does not lead to the hosted UI")


def _wait_for_answer(fetch: Fetch, url: str) -> Answer:
    """Return the first good answer, or the last one.

    For some seconds after an update, gateways may still have the former function or none. A paused
    database takes as long to wake up.
    """
    for attempt in range(_ATTEMPTS):
        try:
            answer = fetch(url)
        except OSError as error:
            if attempt == _ATTEMPTS - 1:
                raise InfraError(f"{url} does not answer: {error}") from error
        else:
            if answer.status == http.HTTPStatus.OK or attempt == _ATTEMPTS - 1:
                return answer
        time.sleep(PAUSE_SECONDS)
    raise AssertionError("unreachable")


def _code(answer: Answer) -> object:
    try:
        problem = json.loads(answer.body)
    except ValueError:
        return None
    return problem.get("code") if isinstance(problem, dict) else None


def _complain(url: str, answer: Answer, reason: str) -> None:
    text = answer.body[:300].decode(errors="replace")
    raise InfraError(f"{url} answered {answer.status}: {reason}.\n{text}")
