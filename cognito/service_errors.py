"""The errors of the user pool's API, translated once.

Source: the errors of each operation in
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from cognito import errors
from cognito.errors import ClientRefused, CognitoError, CognitoUnavailable, RequestRefused

logger = logging.getLogger(__name__)

_REFUSED: dict[str, type[RequestRefused]] = {
    "AliasExistsException": errors.AccountExists,
    "CodeDeliveryFailureException": errors.CodeNotDelivered,
    "CodeMismatchException": errors.CodeMismatch,
    # What VerifySoftwareToken says of a wrong code.
    "EnableSoftwareTokenMFAException": errors.CodeMismatch,
    "ExpiredCodeException": errors.ExpiredCode,
    "InvalidParameterException": errors.InvalidParameter,
    "InvalidPasswordException": errors.PasswordRefused,
    "LimitExceededException": errors.TooManyAttempts,
    "MFAMethodNotFoundException": errors.NoSuchSecondFactor,
    "NotAuthorizedException": errors.NotAuthorized,
    "PasswordHistoryPolicyViolationException": errors.PasswordRefused,
    "PasswordResetRequiredException": errors.PasswordResetRequired,
    "RefreshTokenReuseException": errors.RefreshTokenReuse,
    "SoftwareTokenMFANotFoundException": errors.NoSuchSecondFactor,
    "TooManyFailedAttemptsException": errors.TooManyAttempts,
    "TooManyRequestsException": errors.TooManyRequests,
    "UnsupportedTokenTypeException": errors.InvalidParameter,
    "UserLambdaValidationException": errors.RefusedByTrigger,
    "UserNotConfirmedException": errors.UserNotConfirmed,
    "UserNotFoundException": errors.UserNotFound,
    "UsernameExistsException": errors.AccountExists,
}

# Only an operator of the pool or of this application can put these right.
_CONFIGURATION = frozenset(
    {
        "FeatureUnavailableInTierException",
        "ForbiddenException",
        "InvalidEmailRoleAccessPolicyException",
        "InvalidLambdaResponseException",
        "InvalidSmsRoleAccessPolicyException",
        "InvalidSmsRoleTrustRelationshipException",
        "InvalidUserPoolConfigurationException",
        "OperationNotEnabledException",
        "ResourceNotFoundException",
        "UnauthorizedException",
        "UnexpectedLambdaException",
        "UnsupportedOperationException",
    }
)

# NotAuthorizedException and InvalidParameterException blame the caller and our own configuration
# alike; only their text tells which.
_OUR_FAULT = re.compile(
    r"secret hash|secret_hash|client secret|configured (with|for) secret|flow not enabled"
    r"|not allowed to call|app client .* does not",
    re.IGNORECASE,
)


def error_of(response: Mapping[str, Any]) -> CognitoError:
    """What an error answer of the API means, without its text.

    Configuration errors are logged here, with the exception's name alone.
    """
    error = response.get("Error", {})
    name = str(error.get("Code", ""))[:64]
    is_our_fault = _OUR_FAULT.search(str(error.get("Message", ""))) is not None
    refused = _REFUSED.get(name)
    if name in _CONFIGURATION or (refused is not None and is_our_fault):
        logger.error(
            "Cognito refuses this application's call (%s): check COGNITO_CLIENT_ID, "
            "COGNITO_CLIENT_SECRET, the app client's auth flows and the user pool's set-up.",
            name,
        )
        return ClientRefused(reason=name)
    if refused is None:
        return CognitoUnavailable(reason=name)
    return refused(received=name)
