"""Is what was just deployed the application, and can it do its work?"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from infra.deploy.web import Answer, get
from infra.errors import InfraError

_ATTEMPTS = 5
PAUSE_SECONDS = 2


# A GET of an address of the application.
Fetch = Callable[[str], Answer]


def smoke_test(
    public_url: str,
    *,
    client_id: str,
    hosted_ui: str,
    domain_target: str | None = None,
    fetch: Fetch = get,
) -> None:
    """Raises InfraError, which says what was wrong with which answer, or OSError without one.

    Args:
        domain_target: where a custom domain's DNS record has to lead, which may not be made yet.
        fetch: who is asked; what is at `public_url` unless given.
    """
    try:
        ready = _until_it_answers(fetch, f"{public_url}/readyz")
    except InfraError as error:
        if domain_target is None:
            raise
        raise InfraError(
            f"{error}\nThe DNS record of the domain, an alias or CNAME, has to lead to "
            f"{domain_target}. When it does, run the same command again."
        ) from error
    if ready.status != http.HTTPStatus.OK:
        _complain(f"{public_url}/readyz", ready, "what it names cannot be reached")
    me = fetch(f"{public_url}/api/v1/me")
    if me.status != http.HTTPStatus.UNAUTHORIZED or _code(me) is None:
        _complain(f"{public_url}/api/v1/me", me, "a 401 problem was expected without a token")
    login = fetch(f"{public_url}/accounts/login/")
    location = urlsplit(login.headers.get("Location", ""))
    asked = parse_qs(location.query)
    if (
        not location.geturl().startswith(f"{hosted_ui}/oauth2/authorize?")
        or asked.get("client_id") != [client_id]
        or asked.get("redirect_uri") != [f"{public_url}/accounts/callback/"]
    ):
        _complain(f"{public_url}/accounts/login/", login, "it does not lead to the hosted UI")


def _until_it_answers(fetch: Fetch, url: str) -> Answer:
    """For some seconds after an update, gateways may still have the former function or none.

    A database that was paused takes as long to wake up.
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
