"""Errors that the hosted UI sends to the callback instead of a code.

An attacker can write a link to the callback with any error in it. Only codes of a closed list are
therefore logged or recorded, and descriptions never are.

Sources: RFC 6749 section 4.1.2.1, OpenID Connect Core 1.0 section 3.1.2.6, RFC 8707 section 2,
https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
"""

from __future__ import annotations

import logging

from cognito.errors import (
    CognitoError,
    HostedUIUnavailable,
    SignInMisconfigured,
    SignInNotFinished,
    SignInRefused,
    Throttled,
)

logger = logging.getLogger(__name__)

_REDIRECT_URI = "add <PUBLIC_URL>/accounts/callback/ to the app client's callback URLs, exactly so"
_CODE_GRANT = "allow the app client the authorization code grant, and check COGNITO_CLIENT_ID"
_REQUEST = (
    "compare the app client with docs/user-pool.md; leave COGNITO_STEP_UP_ACR empty if the pool "
    "has no levels of authentication"
)
# What the deployer must do about each code.
REMEDIES = {
    "invalid_client": "check COGNITO_CLIENT_ID and COGNITO_CLIENT_SECRET",
    "invalid_redirect_uri": _REDIRECT_URI,
    # Cognito also sends it if a trigger refuses the sign-in, or if the attributes that an identity
    # provider sends cannot be mapped.
    "invalid_request": f"{_REQUEST}; look at the user pool's triggers, and at what its identity "
    "providers send for required attributes",
    "invalid_request_object": _REQUEST,
    "invalid_request_uri": _REQUEST,
    "invalid_scope": "COGNITO_SCOPES names a scope that the app client does not allow, or whose "
    "resource server does not exist",
    "invalid_target": "COGNITO_API_AUDIENCE is not a resource of the user pool",
    "redirect_mismatch": _REDIRECT_URI,
    "redirect_uri_mismatch": _REDIRECT_URI,
    "registration_not_supported": _REQUEST,
    "request_not_supported": _REQUEST,
    "request_uri_not_supported": _REQUEST,
    "unauthorized_client": _CODE_GRANT,
    "unsupported_grant_type": _CODE_GRANT,
    "unsupported_response_type": _CODE_GRANT,
}
# The user must do something at the hosted UI first.
NOT_FINISHED = frozenset(
    {
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "login_required",
        "unmet_authentication_requirements",
    }
)


def authorization_error(unverified_error: str) -> CognitoError:
    """Return the error for `unverified_error`, the `error` parameter of the callback.

    A fault of the configuration is logged as an error with its remedy.
    """
    if unverified_error == "access_denied":
        return SignInRefused(reason="sign_in_refused: access_denied")
    if unverified_error == "server_error":
        return HostedUIUnavailable(reason=unverified_error)
    if unverified_error == "temporarily_unavailable":
        return Throttled(reason=unverified_error)
    if unverified_error in NOT_FINISHED:
        return SignInNotFinished(reason=f"sign_in_not_finished: {unverified_error}")
    if unverified_error in REMEDIES:
        log_misconfiguration(unverified_error)
        return SignInMisconfigured(reason=f"sign_in_misconfigured: {unverified_error}")
    return SignInRefused(reason="sign_in_refused")


def log_misconfiguration(error: str) -> None:
    """Log a code of REMEDIES with its remedy."""
    logger.error("The hosted UI refuses this application (%s): %s.", error, REMEDIES[error])
