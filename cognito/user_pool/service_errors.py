"""Translate the errors of the user pool API into those of `cognito.errors`.

Source: the errors of each operation in
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_Operations.html
and https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from cognito import errors
from cognito.errors import (
    ClientRefused,
    CognitoError,
    CognitoUnavailable,
    GrantRefused,
    RequestRefused,
)

logger = logging.getLogger(__name__)

_REFUSED: dict[str, type[RequestRefused | GrantRefused]] = {
    "AliasExistsException": errors.AccountExists,
    "CodeDeliveryFailureException": errors.CodeNotDelivered,
    "CodeMismatchException": errors.CodeMismatch,
    # VerifySoftwareToken sends this for a wrong code.
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
    "Throttling": errors.TooManyRequests,
    "ThrottlingException": errors.TooManyRequests,
    "TooManyFailedAttemptsException": errors.TooManyAttempts,
    "TooManyRequestsException": errors.TooManyRequests,
    "UnsupportedTokenTypeException": errors.InvalidParameter,
    "UnsupportedUserStateException": errors.WrongUserState,
    "UserLambdaValidationException": errors.RefusedByTrigger,
    "UserNotConfirmedException": errors.UserNotConfirmed,
    "UserNotFoundException": errors.UserNotFound,
    "UsernameExistsException": errors.AccountExists,
    "ValidationError": errors.InvalidParameter,
    "ValidationException": errors.InvalidParameter,
    "WebAuthnChallengeNotFoundException": errors.PasskeyRefused,
    "WebAuthnClientMismatchException": errors.PasskeyRefused,
    "WebAuthnConfigurationMissingException": errors.PasskeysUnavailable,
    "WebAuthnCredentialNotSupportedException": errors.PasskeyRefused,
    "WebAuthnNotEnabledException": errors.PasskeysUnavailable,
    "WebAuthnOriginNotAllowedException": errors.PasskeyRefused,
    "WebAuthnRelyingPartyMismatchException": errors.PasskeyRefused,
}

# Only the deployer can correct the causes of the following errors. Each hint says what to check.
_IDS = "check COGNITO_REGION, COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID and COGNITO_CLIENT_SECRET"
_AWS_CREDENTIALS = (
    "check the AWS credentials of this application (its role, or AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY) and its clock"
)
_AWS_ROLE = (
    "allow cognito-idp:{operation} on the user pool to the AWS role of this application; "
    "infra/deploy/function/platform.yaml lists what it needs"
)
_MAIL = (
    "check the e-mail configuration of the user pool (EmailSourceArn of the template): Cognito's "
    "default sender sends 50 e-mails a day, and Amazon SES must allow the sender"
)
_TEXTS = "check the SMS configuration of the user pool and the IAM role that sends its messages"
_TRIGGER = "read the log of the user pool's Lambda triggers"
_POOL = "check the set-up of the user pool: its second factors, its features and its tier"
_PAUSED = (
    "wait for the end of a point-in-time recovery of the user pool, which pauses changes "
    f"(`python -m infra status` shows it); if there is none, {_POOL}"
)
_CLIENT = "check the app client's authentication flows (ExplicitAuthFlows) and token revocation"

_CONFIGURATION: Final[Mapping[str, str]] = {
    "AccessDenied": _AWS_ROLE,
    "AccessDeniedException": _AWS_ROLE,
    "ExpiredTokenException": _AWS_CREDENTIALS,
    "FeatureUnavailableInTierException": _POOL,
    "ForbiddenException": "check the rules of the web ACL (AWS WAF) in front of the user pool",
    "IncompleteSignature": _AWS_CREDENTIALS,
    "IncompleteSignatureException": _AWS_CREDENTIALS,
    "InvalidClientTokenId": _AWS_CREDENTIALS,
    "InvalidEmailRoleAccessPolicyException": _MAIL,
    "InvalidLambdaResponseException": _TRIGGER,
    "InvalidSignatureException": _AWS_CREDENTIALS,
    "InvalidSmsRoleAccessPolicyException": _TEXTS,
    "InvalidSmsRoleTrustRelationshipException": _TEXTS,
    "InvalidUserPoolConfigurationException": _POOL,
    "MissingAuthenticationToken": _AWS_CREDENTIALS,
    "MissingAuthenticationTokenException": _AWS_CREDENTIALS,
    # The common error of that name, which is not NotAuthorizedException.
    "NotAuthorized": _AWS_ROLE,
    "OperationNotEnabledException": _PAUSED,
    "OptInRequired": _AWS_CREDENTIALS,
    "PreconditionNotMetException": _POOL,
    "RequestExpired": _AWS_CREDENTIALS,
    "ResourceNotFoundException": _IDS,
    "SignatureDoesNotMatch": _AWS_CREDENTIALS,
    "UnauthorizedException": _IDS,
    "UnexpectedLambdaException": _TRIGGER,
    "UnrecognizedClientException": _AWS_CREDENTIALS,
    "UnsupportedOperationException": _CLIENT,
    "UserPoolAddOnNotEnabledException": _POOL,
    "UserPoolTaggingException": _POOL,
}

# An endpoint sends one of these for an operation that it does not support.
_UNKNOWN_OPERATION: Final = frozenset(
    {"InvalidAction", "NotImplemented", "NotImplementedException", "UnknownOperationException"}
)
# An operation that the pool's tier or set-up excludes.
_NOT_ENABLED: Final = frozenset(
    {"FeatureUnavailableInTierException", "OperationNotEnabledException"}
)
# What the operations on remembered devices can send for a pool that does not remember them.
_NO_DEVICES: Final = _NOT_ENABLED | {"InvalidUserPoolConfigurationException"}
_DEVICES: Final = frozenset({"AdminListDevices", "AdminForgetDevice"})
# For other operations, ResourceNotFoundException means that the pool or the group does not exist.
_NOT_FOUND: Final[Mapping[str, type[RequestRefused]]] = {
    "AdminForgetDevice": errors.DeviceNotFound,
    "AdminRevokeUserSession": errors.SessionNotFound,
    "DeleteWebAuthnCredential": errors.PasskeyNotFound,
    "RevokeUserSession": errors.SessionNotFound,
}
# The words that operators read. MiniStack alone, without local_cognito, lacks UpdateGroup.
_OPERATIONS: Final = {"UpdateGroup": "editing groups"}

# The patterns below are compiled by the first error that needs them, and not at each start.

# NotAuthorizedException, InvalidParameterException and LimitExceededException can be the fault of
# the caller or of our configuration. Only their text tells which.
_OUR_FAULT: Final = (
    (
        r"(?i)secret.?hash|client.{0,40}secret|secret.{0,20}client|configured (with|for) secret",
        _IDS,
    ),
    (r"(?i)flows? (is |are )?not enabled|not enabled for (this|the) client", _CLIENT),
    (
        r"(?i)cannot be of (e-?mail|phone number) format|username should be an? phone",
        "make e-mail addresses the user names of the pool (UsernameAttributes), not aliases",
    ),
    (
        r"(?i)write unauthorized attribute",
        "add the attribute to those that the app client may write (WriteAttributes)",
    ),
    (
        r"(?i)auto.?verification",
        "let the user pool verify e-mail addresses (AutoVerifiedAttributes)",
    ),
    (r"(?i)daily e-?mail limit|identities failed the check|\bSES\b", _MAIL),
    (r"(?i)\bSMS (configuration|role)\b|spend(ing)? limit", _TEXTS),
    (r"(?i)limit exceeded for groups|groups? limit", "ask AWS for a higher quota of groups"),
)

# InvalidParameterException with such a text means that the user's state does not allow the call,
# and not that a value is invalid.
_STATE_OF_THE_USER: Final = r"(?i)no registered/verified|already confirmed|current status"
# NotAuthorizedException with such a text means that a value is invalid.
_VALUE: Final = r"(?i)cannot modify"
# An app client without ALLOW_USER_AUTH. Passwords still sign users in, so this is no outage.
_NO_CHOICE: Final = r"(?i)\bUSER_AUTH\b.*not enabled"
# ResourceNotFoundException can mean a missing group or a missing pool.
_GROUP_IS_MISSING: Final = r"(?i)\bgroup\b"

_REQUIRED_ATTRIBUTE: Final = r"(?a)([a-z_]+|custom:\w+): The attribute is required"
# https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
_STANDARD_ATTRIBUTES: Final = (
    "address", "birthdate", "email", "family_name", "gender", "given_name", "locale",
    "middle_name", "name", "nickname", "phone_number", "picture", "preferred_username", "profile",
    "updated_at", "website", "zoneinfo",
)  # fmt: skip
_CUSTOM_ATTRIBUTE: Final = r"(?a)custom:\w{1,64}"


def error_of(
    response: Mapping[str, Any], *, operation: str = "", settable: Collection[str] = ()
) -> CognitoError:
    """Return the error for an error answer of the API, without the answer's text.

    Errors of the configuration are logged here, with the exception's name and its remedy.

    Args:
        settable: the attributes of a user that the caller could have sent. If the pool requires
            another one, the configuration is at fault, and not the caller.
    """
    error = response.get("Error", {})
    name = str(error.get("Code", ""))[:64]
    message = str(error.get("Message", ""))
    if name in _UNKNOWN_OPERATION:
        what = _OPERATIONS.get(operation, f"the operation {operation}" if operation else "this")
        return errors.OperationNotSupported(f"This user pool service does not support {what}.")
    if feature := _missing_feature(name, message, operation):
        return feature(received=name)
    kind = _REFUSED.get(name)
    if name == "ResourceNotFoundException" and re.search(_GROUP_IS_MISSING, message):
        kind = errors.GroupNotFound
    elif hint := _CONFIGURATION.get(name) or (kind and _hint_of(message)):
        return _our_fault(name, operation, hint)
    if kind is None:
        return CognitoUnavailable(reason=name)
    if kind is errors.NotAuthorized and re.search(_VALUE, message):
        kind = errors.InvalidParameter
    if kind is errors.InvalidParameter:
        return _refused_parameter(name, message, operation, settable)
    return kind(received=name)


def _missing_feature(name: str, message: str, operation: str) -> type[RequestRefused] | None:
    """Return the error for a missing feature that the application can do without, or None."""
    if name == "InvalidParameterException" and re.search(_NO_CHOICE, message):
        return errors.ChoiceUnavailable
    if name in _NOT_ENABLED and "WebAuthn" in operation:
        return errors.PasskeysUnavailable
    if name in _NOT_ENABLED and operation.endswith(("UserSession", "UserSessions")):
        return errors.SessionsNotTracked
    if name in _NO_DEVICES and operation in _DEVICES:
        return errors.DevicesNotRemembered
    return _NOT_FOUND.get(operation) if name == "ResourceNotFoundException" else None


def _refused_parameter(
    name: str, message: str, operation: str, settable: Collection[str]
) -> CognitoError:
    if re.search(_STATE_OF_THE_USER, message):
        return errors.WrongUserState(received=name)
    if required := frozenset(re.findall(_REQUIRED_ATTRIBUTE, message)):
        if not required <= frozenset(settable):
            hint = "the user pool requires attributes that we do not send; make {} optional"
            return _our_fault(name, operation, hint.format(", ".join(sorted(required))))
        return errors.AttributeRequired(received=name, attributes=required)
    return errors.InvalidParameter(received=name, attributes=_attributes_in(message))


def _hint_of(message: str) -> str:
    return next((hint for pattern, hint in _OUR_FAULT if re.search(pattern, message)), "")


def _our_fault(name: str, operation: str, hint: str) -> ClientRefused:
    logger.error(
        "Cognito refuses this application's call of %s (%s): %s.",
        operation or "the user pool",
        name,
        hint.format(operation=operation or "*"),
        extra={"outage": "The configuration"},
    )
    return ClientRefused(reason=name)


def _attributes_in(message: str) -> frozenset[str]:
    words = message.lower().replace("email address", "email")
    named = {
        attribute
        for attribute in _STANDARD_ATTRIBUTES
        if re.search(rf"\b({attribute}|{attribute.replace('_', ' ')})\b", words)
    }
    return frozenset(named | set(re.findall(_CUSTOM_ATTRIBUTE, message)))
