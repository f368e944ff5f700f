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
    "GroupExistsException": errors.GroupExists,
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
    "UnsupportedUserStateException": errors.WrongUserState,
    "UserLambdaValidationException": errors.RefusedByTrigger,
    "UserNotConfirmedException": errors.UserNotConfirmed,
    "UserNotFoundException": errors.UserNotFound,
    "UsernameExistsException": errors.AccountExists,
}

# Only an operator of the pool or of this application can put these right.
_CONFIGURATION = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "FeatureUnavailableInTierException",
        "ForbiddenException",
        "InvalidEmailRoleAccessPolicyException",
        "InvalidLambdaResponseException",
        "InvalidSmsRoleAccessPolicyException",
        "InvalidSmsRoleTrustRelationshipException",
        "InvalidSignatureException",
        "InvalidUserPoolConfigurationException",
        "MissingAuthenticationTokenException",
        "OperationNotEnabledException",
        "ResourceNotFoundException",
        "UnauthorizedException",
        "UnexpectedLambdaException",
        "UnrecognizedClientException",
        "UnsupportedOperationException",
    }
)

# NotAuthorizedException and InvalidParameterException blame the caller and our own configuration
# alike; only their text tells which.
_OUR_FAULT = re.compile(
    r"secret hash|secret_hash|client secret|configured (with|for) secret|flow not enabled",
    re.IGNORECASE,
)

# The same exception for a group that is not there as for a pool that is not.
_GROUP_IS_MISSING = re.compile(r"\bgroup\b", re.IGNORECASE)


def error_of(response: Mapping[str, Any]) -> CognitoError:
    """What an error answer of the API means, without its text.

    Configuration errors are logged here, with the exception's name alone.
    """
    error = response.get("Error", {})
    name = str(error.get("Code", ""))[:64]
    message = str(error.get("Message", ""))
    if name == "ResourceNotFoundException" and _GROUP_IS_MISSING.search(message):
        return errors.GroupNotFound(received=name)
    is_our_fault = _OUR_FAULT.search(message) is not None
    refused = _REFUSED.get(name)
    if name in _CONFIGURATION or (refused is not None and is_our_fault):
        logger.error(
            "Cognito refuses this application's call (%s): check COGNITO_CLIENT_ID, "
            "COGNITO_CLIENT_SECRET, the app client's auth flows, the user pool's set-up and, for "
            "what operators do, the rights of this application's AWS role.",
            name,
        )
        return ClientRefused(reason=name)
    if refused is None:
        return CognitoUnavailable(reason=name)
    return refused(received=name)
