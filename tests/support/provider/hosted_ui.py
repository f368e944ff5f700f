"""A hosted UI that signs one user in without a form, and exchanges codes as Cognito does.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html
"""

from __future__ import annotations

import json
from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from urllib.parse import unquote_plus

from cognito.testing import signing_key
from tests.support.provider import answer_faults, authorize_faults, id_token_faults
from tests.support.provider.drafts import Draft
from tests.support.provider.people import Person
from tests.support.provider.pool import Pool, Refused
from tests.support.provider.wire import HTTPAnswer

ANSWER_FAULTS = {
    **answer_faults.MEANINGLESS,
    **answer_faults.REFUSED,
    **answer_faults.ACCEPTED,
    **answer_faults.THROTTLED,
}
ID_TOKEN_FAULTS = {**id_token_faults.REFUSED, **id_token_faults.ACCEPTED}


def authorize(pool: Pool, person: Person, query: Mapping[str, str], fault: str) -> HTTPAnswer:
    """Redirect to the callback with a code for the user who is signed in."""
    redirect_uri = query.get("redirect_uri", "")
    if (
        redirect_uri not in pool.client.redirect_uris
        or query.get("client_id") != pool.client.client_id
    ):
        return HTTPAnswer(400, b"redirect_mismatch")
    if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
        return HTTPAnswer(400, b"invalid_request")
    code = pool.issue_code(
        person,
        redirect_uri=redirect_uri,
        code_challenge=query.get("code_challenge", ""),
        nonce=query.get("nonce"),
    )
    if fault == "unknown_code":
        code = code[::-1]
    answer = authorize_faults.NEVER_EXCHANGED.get(fault, authorize_faults.honest)
    return HTTPAnswer(302, headers={"Location": redirect_uri + answer(code, query["state"])})


def logout(pool: Pool, query: Mapping[str, str]) -> HTTPAnswer:
    target = query.get("logout_uri", "")
    if target not in pool.client.logout_uris or query.get("client_id") != pool.client.client_id:
        return HTTPAnswer(400, b"invalid_request")
    return HTTPAnswer(302, headers={"Location": target})


def token(
    pool: Pool, form: Mapping[str, str], headers: Mapping[str, str], fault: str
) -> HTTPAnswer:
    """Return the response of the token endpoint to an authorization code."""
    try:
        _authenticate(pool, form, headers)
        draft = pool.redeem(
            form.get("code", "") if form.get("grant_type") == "authorization_code" else "",
            redirect_uri=form.get("redirect_uri", ""),
            code_verifier=form.get("code_verifier", ""),
        )
    except Refused as error:
        return HTTPAnswer(400, json.dumps({"error": error.oauth_error}).encode())
    if fault == "rotated_now":
        pool.key = draft.factory.key = signing_key("next")
    if fault in ANSWER_FAULTS:
        answer = ANSWER_FAULTS[fault](draft)
        _remember(pool, draft, answer.body)
        return HTTPAnswer(answer.status, answer.body)
    body = answer_faults.as_json(answer_faults.honest(draft, ID_TOKEN_FAULTS.get(fault))).body
    _remember(pool, draft, body)
    return HTTPAnswer(200, body)


def tokens_without_code(pool: Pool, person: Person) -> dict[str, str]:
    """Return the response of the token endpoint to a sign-in, without one."""
    draft = pool.tokens_without_code(person)
    body = answer_faults.as_json(answer_faults.honest(draft)).body
    _remember(pool, draft, body)
    tokens: dict[str, str] = json.loads(body)
    return tokens


def revoke(pool: Pool, form: Mapping[str, str], headers: Mapping[str, str]) -> HTTPAnswer:
    """Revoke a refresh token (RFC 7009), as Cognito does."""
    try:
        _authenticate(pool, form, headers)
    except Refused as error:
        return HTTPAnswer(400, json.dumps({"error": error.oauth_error}).encode())
    pool.revoke(form.get("token", ""))
    return HTTPAnswer(200)


def _authenticate(pool: Pool, form: Mapping[str, str], headers: Mapping[str, str]) -> None:
    """Check the Basic header, the only client authentication for a client with a secret.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
    """
    scheme, _, encoded = headers.get("Authorization", "").partition(" ")
    try:
        sent = b64decode(encoded).decode() if scheme == "Basic" else ""
    except (Error, UnicodeDecodeError):
        sent = ""
    client_id, _, client_secret = sent.partition(":")
    expected = (pool.client.client_id, pool.client.client_secret)
    if (unquote_plus(client_id), unquote_plus(client_secret)) != expected:
        raise Refused("ResourceNotFoundException", "invalid_client")
    if form.get("client_id", pool.client.client_id) != pool.client.client_id:
        raise Refused("ResourceNotFoundException", "invalid_client")


def _remember(pool: Pool, draft: Draft, body: bytes) -> None:
    """Record every token of the response as a secret, and keep the first ID token for replays."""
    try:
        answer = json.loads(body)
    except ValueError:
        return
    if not isinstance(answer, dict):
        return
    for name in ("access_token", "id_token", "refresh_token"):
        value = answer.get(name)
        if isinstance(value, str) and len(value) > 20:
            pool.secrets.add(value)
            if name == "access_token":
                pool.access_tokens.append(value)
            if name == "id_token":
                pool.remember(value, draft.sign_in)
