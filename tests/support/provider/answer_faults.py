"""Responses of the token endpoint that each have one fault, by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cognito.testing import WITHOUT, signing_key
from tests.support.provider.drafts import Draft


@dataclass(frozen=True)
class TokenAnswer:
    """A response of the token endpoint."""

    body: bytes
    status: int = 200


AnswerFault = Callable[[Draft], TokenAnswer]


def honest(draft: Draft, id_token: Callable[[Draft, str], str] | None = None) -> dict[str, Any]:
    """Return the members of a correct response, with another ID token if `id_token` is given."""
    access_token = draft.access_token()
    make = id_token or Draft.id_token
    answer = {
        "id_token": make(draft, access_token),
        "access_token": access_token,
        "expires_in": 900,
        "token_type": "Bearer",
    }
    if draft.refresh_token is not None:
        answer["refresh_token"] = draft.refresh_token
    return answer


def as_json(members: Any, status: int = 200) -> TokenAnswer:
    return TokenAnswer(json.dumps(members).encode(), status)


def _with(**changes: Any) -> AnswerFault:
    return lambda draft: as_json(honest(draft) | changes)


def _without(*names: str) -> AnswerFault:
    return lambda draft: as_json(
        {name: value for name, value in honest(draft).items() if name not in names}
    )


def _error(name: str, status: int = 400) -> AnswerFault:
    return lambda _: as_json({"error": name, "error_description": "<b>markup</b>"}, status)


def _other_access_token(**changes: Any) -> AnswerFault:
    """Replace the access token by one of another sign-in, client or user."""

    def make(draft: Draft) -> TokenAnswer:
        other = draft.access_token(**changes)
        return as_json(honest(draft) | {"access_token": other, "id_token": draft.id_token(None)})

    return make


def _forged_access_token(draft: Draft) -> TokenAnswer:
    real = draft.factory.key
    draft.factory.key = signing_key("attacker")
    forged = draft.access_token()
    draft.factory.key = real
    return as_json(honest(draft) | {"access_token": forged, "id_token": draft.id_token(None)})


def _swapped(draft: Draft) -> TokenAnswer:
    answer = honest(draft)
    answer["id_token"], answer["access_token"] = answer["access_token"], answer["id_token"]
    return as_json(answer)


def _given_twice(draft: Draft) -> TokenAnswer:
    body = as_json(honest(draft)).body
    return TokenAnswer(b'{"id_token":"another",' + body[1:])


def _encoded(prefix: bytes, encoding: str) -> AnswerFault:
    return lambda draft: TokenAnswer(prefix + json.dumps(honest(draft)).encode(encoding))


def _raw(body: bytes) -> AnswerFault:
    return lambda _: TokenAnswer(body)


# Responses that are not token responses: 502.
MEANINGLESS: dict[str, AnswerFault] = {
    "garbage": _raw(bytes(range(256))),
    "html": _raw(b"<!doctype html><title>503</title>"),
    "empty": _raw(b""),
    "array": _raw(b"[]"),
    "deep": _raw(b"[" * 50_000),
    "long_number": _raw(b'{"expires_in":' + b"1" * 5_000 + b"}"),
    "bom": _encoded(b"\xef\xbb\xbf", "utf-8"),
    "utf16": _encoded(b"", "utf-16"),
    "id_missing": _without("id_token"),
    "id_null": _with(id_token=None),
    "id_empty": _with(id_token=""),
    "id_number": _with(id_token=5),
    "access_only_openid": _without("id_token", "refresh_token"),
    "access_missing": _without("access_token"),
    "access_null": _with(access_token=None),
    "refresh_number": _with(refresh_token=5),
    "refresh_surrogate": _with(refresh_token="\ud800"),
    "dup_members": _given_twice,
    "error_list": _with(error=["invalid_grant"]),
    "error_object": _with(error={}),
    "wrong_type": _with(token_type="mac"),
    "no_type": _without("token_type"),
    "error_and_tokens": _with(error="server_error"),
    "error_with_200": _error("server_error", 200),
    "unknown_error": _error("no_such_error"),
    "invalid_client": _error("invalid_client"),
    "unauthorized_client": _error("unauthorized_client"),
    "unsupported_grant_type": _error("unsupported_grant_type"),
    "invalid_request": _error("invalid_request"),
    "server_error": _error("server_error"),
    "created": lambda draft: TokenAnswer(as_json(honest(draft)).body, 201),
}

# Responses with invalid tokens: 400.
REFUSED: dict[str, AnswerFault] = {
    "access_garbage": _with(access_token="garbage"),
    "access_other_client": _other_access_token(client_id="anotherclient"),
    "access_other_sub": _other_access_token(sub="9a0b1c2d-0000-4000-8000-000000000000"),
    "access_expired": _other_access_token(iat=1_000_000_000, exp=1_000_000_900),
    "access_forged": _forged_access_token,
    "access_of_another_sign_in": lambda draft: as_json(
        honest(draft) | {"access_token": draft.access_token(jti="another")}
    ),
    "swapped": _swapped,
    "invalid_grant": _error("invalid_grant"),
    "id_huge": _with(id_token="A" * 20_000),
    "invalid_grant_with_200": _error("invalid_grant", 200),
}

# Unusual, but valid responses.
ACCEPTED: dict[str, AnswerFault] = {
    "expires_negative": _with(expires_in=-5),
    "expires_text": _with(expires_in="soon"),
    "expires_missing": _without("expires_in"),
    "type_in_capitals": _with(token_type="BEARER"),
    "refresh_missing": _without("refresh_token"),
    "unknown_member": _with(lucky_number=7),
    "no_origin_jti": _other_access_token(origin_jti=WITHOUT),
}

# Rate limits of Cognito: 503.
THROTTLED: dict[str, AnswerFault] = {"throttled": _error("slow_down", 429)}
