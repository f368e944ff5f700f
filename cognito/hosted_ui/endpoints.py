"""The hosted UI's endpoints: addresses to send a browser to, and codes exchanged for tokens.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from cognito import deadlines
from cognito.errors import (
    ClientRefused,
    GrantRefused,
    HostedUIUnavailable,
    MalformedAnswer,
    Throttled,
    TokenTooLong,
)
from cognito.hosted_ui.authorization_errors import REMEDIES, log_misconfiguration
from cognito.hosted_ui.login_transaction import LoginTransaction
from cognito.hosted_ui.web_client import WebClient
from cognito.tokens.jws import MAX_ISSUED_TOKEN_CHARACTERS
from cognito.wire.http import Answer, exchange
from cognito.wire.strict_json import NotStrictJSON, parse_object

logger = logging.getLogger(__name__)

# Three tokens, and enough room to recognize one that is too long.
MAX_ANSWER_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class UnverifiedTokens:
    """The tokens of an answer: nonempty strings of bounded length, not verified yet."""

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)


def authorize_url(client: WebClient, transaction: LoginTransaction, *, language: str = "") -> str:
    """Return the address where a sign-in begins (RFC 6749 section 4.1.1, RFC 7636 section 4.3).

    To confirm the user of a session, it asks for a new sign-in of the level that is required
    (OpenID Connect Core 1.0 section 3.1.2.1).

    Args:
        language: the language of managed login's pages, such as `de`. The classic hosted UI has
            English pages only.
    """
    return _start_url(client, transaction, "/oauth2/authorize", language)


def sign_up_url(client: WebClient, transaction: LoginTransaction, *, language: str = "") -> str:
    """Return the address of the sign-up page, which takes the same parameters as sign-in."""
    return _start_url(client, transaction, "/signup", language)


def _start_url(client: WebClient, transaction: LoginTransaction, path: str, language: str) -> str:
    parameters = {
        "response_type": "code",
        "client_id": client.app_client.id,
        "redirect_uri": client.redirect_uri,
        "scope": " ".join(client.scopes),
        "state": transaction.state,
        "nonce": transaction.nonce,
        "code_challenge": transaction.code_challenge,
        "code_challenge_method": "S256",
    }
    requirement = transaction.requirement
    if requirement is not None:
        # `prompt` as well, because a sign-in that is just recent enough may expire on the way back.
        parameters |= {"max_age": str(requirement.max_age), "prompt": "login"}
        if requirement.acr_values:
            parameters["acr_values"] = " ".join(requirement.acr_values)
    if language:
        parameters["lang"] = language
    return f"{client.domain}{path}?{urlencode(parameters)}"


def logout_url(client: WebClient) -> str:
    """Return the address that ends the hosted UI's session and redirects to `logout_uri`.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
    """
    parameters = {"client_id": client.app_client.id, "logout_uri": client.logout_uri}
    return f"{client.domain}/logout?{urlencode(parameters)}"


def add_passkey_url(client: WebClient) -> str:
    """Return the address at which managed login creates a passkey for its signed-in user.

    Afterwards it returns to the callback, without a sign-in. The classic hosted UI lacks this page.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-endpoints.html
    """
    parameters = {"client_id": client.app_client.id, "redirect_uri": client.redirect_uri}
    return f"{client.domain}/passkeys/add?{urlencode(parameters)}"


def exchange_code(client: WebClient, *, code: str, code_verifier: str) -> UnverifiedTokens:
    """Exchange an authorization code for tokens. A code works once, so this never retries.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html

    Raises:
        GrantRefused: the code was used before, has expired or belongs to another client.
        CognitoUnavailable: the answer is missing or malformed, or Cognito refuses the client.
    """
    app_client = client.app_client
    answer = exchange(
        "POST",
        f"{client.domain}/oauth2/token",
        form={
            "grant_type": "authorization_code",
            "client_id": app_client.id,
            "redirect_uri": client.redirect_uri,
            "code": code,
            "code_verifier": code_verifier,
        },
        basic_auth=(app_client.id, app_client.secret) if app_client.secret else None,
        deadline_seconds=deadlines.TOKEN_CALL_SECONDS,
        max_bytes=MAX_ANSWER_BYTES,
    )
    return _tokens_of(answer)


def _tokens_of(answer: Answer) -> UnverifiedTokens:
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Throttled
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise HostedUIUnavailable
    try:
        body = parse_object(answer.body)
    except NotStrictJSON:
        raise MalformedAnswer from None
    if "error" in body:
        _raise_oauth_error(body["error"])
    if answer.status != HTTPStatus.OK:
        raise MalformedAnswer
    if str(body.get("token_type", "")).lower() != "bearer":
        raise MalformedAnswer
    return UnverifiedTokens(
        access_token=token_in(body, "access_token"),
        id_token=token_in(body, "id_token"),
        refresh_token=token_in(body, "refresh_token") if body.get("refresh_token") else None,
    )


def _raise_oauth_error(error: object) -> None:
    """Raise the error for a code of RFC 6749 section 5.2."""
    if not isinstance(error, str):
        raise MalformedAnswer
    if error == "invalid_grant":
        raise GrantRefused
    if error in {"server_error", "temporarily_unavailable"}:
        raise HostedUIUnavailable(reason=error)
    # A forged code can cause this error, so it says nothing about the configuration.
    if error == "invalid_request":
        raise MalformedAnswer(reason=error)
    if error in {"invalid_client", "unauthorized_client"}:
        logger.error(
            "The hosted UI refuses this app client (%s). Check COGNITO_CLIENT_ID, "
            "COGNITO_CLIENT_SECRET and the client's allowed grants.",
            error,
            extra={"outage": "The configuration"},
        )
        raise ClientRefused(reason=error)
    if error in REMEDIES:
        log_misconfiguration(error)
        raise ClientRefused(reason=error)
    raise MalformedAnswer


def token_in(body: Mapping[str, Any], name: str) -> str:
    """Return the token `name`. Raises MalformedAnswer if it is missing or too long."""
    token = body.get(name)
    if not isinstance(token, str) or not token:
        raise MalformedAnswer
    if len(token) > MAX_ISSUED_TOKEN_CHARACTERS:
        logger.error(
            "Cognito issued a token of %d characters; the limit is %d. Remove the user from "
            "groups, or have the pool's triggers add fewer claims.",
            len(token),
            MAX_ISSUED_TOKEN_CHARACTERS,
        )
        raise TokenTooLong(reason="token_too_long")
    return token
