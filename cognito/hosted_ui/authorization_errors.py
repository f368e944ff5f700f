"""Errors that the hosted UI sends a browser back with, instead of a code.

Anybody can write a link with such an answer in it. So only codes of a closed list are logged or
recorded, and a description is neither.

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

_REDIRECT_URI = "add <PUBLIC_URL>/accounts/callback/ to the app client's callback URLs, as it is"
_CODE_GRANT = "allow the app client the authorization code grant, and check COGNITO_CLIENT_ID"
_REQUEST = "compare the app client with docs/user-pool.md"
# What an operator has to do about each.
REMEDIES = {
    "invalid_client": "check COGNITO_CLIENT_ID and COGNITO_CLIENT_SECRET",
    "invalid_redirect_uri": _REDIRECT_URI,
    # Cognito also says it when a trigger or the attribute mapping of an identity provider refuses.
    "invalid_request": f"{_REQUEST}; look at the user pool's triggers, and at what its identity "
    "providers send for required attributes",
    "invalid_request_object": _REQUEST,
    "invalid_request_uri": _REQUEST,
    "invalid_scope": "COGNITO_SCOPES has a scope that the app client does not allow, or whose "
    "resource server does not exist",
    "invalid_target": "COGNITO_API_AUDIENCE is no resource of the user pool",
    "redirect_mismatch": _REDIRECT_URI,
    "redirect_uri_mismatch": _REDIRECT_URI,
    "registration_not_supported": _REQUEST,
    "request_not_supported": _REQUEST,
    "request_uri_not_supported": _REQUEST,
    "unauthorized_client": _CODE_GRANT,
    "unsupported_grant_type": _CODE_GRANT,
    "unsupported_response_type": _CODE_GRANT,
}
# The user has to do something at the hosted UI first.
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
    """The error that `unverified_error`, the parameter of a callback, stands for.

    A fault of the configuration is logged as an error, with what to do about it.
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
    """Log what to do about a code of REMEDIES."""
    logger.error("The hosted UI refuses this application (%s): %s.", error, REMEDIES[error])
