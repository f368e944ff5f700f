"""The response to a sign-in: verified tokens, or a challenge."""

from __future__ import annotations

from django.conf import settings
from rest_framework.response import Response

from accounts import process
from accounts.own_account.authenticator_app import AppSetUp
from api.auth import challenge_session
from api.auth.serializers import Challenge as ChallengeAnswer
from api.auth.serializers import Tokens
from cognito.errors import MalformedAnswer, TokenError
from cognito.hosted_ui.endpoints import UnverifiedTokens
from cognito.hosted_ui.verified_sign_in import VerifiedSignIn, log_unverifiable, verify_sign_in
from cognito.tokens.verifier import SKIP
from cognito.user_pool.sign_in import Challenge


def verify_tokens(tokens: UnverifiedTokens) -> VerifiedSignIn:
    """Return the verified sign-in. Unverified tokens are never sent to the client.

    Raises:
        MalformedAnswer: the tokens are invalid, or not for this application.
        KeysUnavailable: the signing keys are unavailable, so the tokens cannot be verified.
    """
    try:
        return verify_sign_in(
            process.current.verification.verifier,
            tokens,
            client_id=settings.COGNITO_CLIENT_ID,
            nonce=SKIP,
        )
    except TokenError as error:
        log_unverifiable(error)
        raise MalformedAnswer(reason=error.code) from None


def answer_with_tokens(
    tokens: UnverifiedTokens, sign_in: VerifiedSignIn, *, refresh_token: str
) -> Response:
    """Return 200 with the tokens, which neither this application nor a cache may store."""
    claims = sign_in.access_claims
    members = {
        "access_token": tokens.access_token,
        "id_token": tokens.id_token,
        "refresh_token": tokens.refresh_token or refresh_token,
        "token_type": "Bearer",
        "expires_in": claims.expires_at - claims.issued_at,
    }
    if sign_in.device_key:
        members["device_key"] = sign_in.device_key
    return _unstored(Response(Tokens(members).data))


def answer_with_challenge(challenge: Challenge, *, email: str) -> Response:
    """Return 200 with the challenge, which the client must answer before it gets tokens."""
    parameters = dict(challenge.parameters)
    if challenge.totp_secret:
        parameters["secret"] = challenge.totp_secret
        parameters["otpauth_uri"] = AppSetUp(email, challenge.totp_secret).otpauth_uri
    members = {
        "challenge": challenge.name,
        "session": challenge_session.seal(challenge, email=email),
        "parameters": parameters,
    }
    return _unstored(Response(ChallengeAnswer(members).data))


def _unstored(response: Response) -> Response:
    # RFC 6749 section 5.1.
    response["Cache-Control"] = "no-store"
    return response
