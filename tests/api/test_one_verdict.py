"""A token is verified once per request, however often the principal is read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cognito.errors import TokenExpired
from cognito.testing import TokenFactory
from cognito.tokens.claims import Claims
from cognito.tokens.verifier import TokenVerifier
from tests.support.caller import Caller

pytestmark = [pytest.mark.usefixtures("known_keys"), pytest.mark.django_db]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/v1/me", None),
        ("GET", "/api/v1/me/sessions", None),
        ("GET", "/api/v1/notes", None),  # only with notes
        ("POST", "/api/v1/notes", {"title": "Tea"}),  # only with notes
        ("POST", "/api/v1/auth/sign-out-everywhere", {}),
    ],
)
def test_token_that_expires_during_the_request_is_accepted(
    call: Caller,
    tokens: TokenFactory,
    monkeypatch: pytest.MonkeyPatch,
    *,
    method: str,
    path: str,
    body: object,
) -> None:
    verify = TokenVerifier.verify
    verdicts: list[str] = []

    def once(verifier: TokenVerifier, *args: Any, **options: Any) -> Claims:
        if verdicts:
            raise TokenExpired
        verdicts.append(path)
        return verify(verifier, *args, **options)

    monkeypatch.setattr(TokenVerifier, "verify", once)
    sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}

    response = call(tokens.access(), path, method=method, **sent)

    assert response.status_code in {200, 201, 204}
    assert verdicts == [path]
