"""Tests of all errors that Amazon Cognito documents for the operations that we call."""

from __future__ import annotations

import ast
import logging
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from cognito import errors
from cognito.errors import ClientRefused, CognitoError, CognitoUnavailable
from cognito.user_pool import service_errors
from cognito.user_pool.service_errors import error_of

ROOT = Path(__file__).parents[3]
SECRET = "the text of Cognito"
MODEL = botocore.session.get_session().get_service_model("cognito-idp")

# Each error has the same meaning in all operations. A new version of botocore, or a new operation,
# can add an error. The test then fails until the error is added here.
CALLER = {
    "AliasExistsException": errors.AccountExists,
    "CodeDeliveryFailureException": errors.CodeNotDelivered,
    "CodeMismatchException": errors.CodeMismatch,
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
    "WebAuthnChallengeNotFoundException": errors.PasskeyRefused,
    "WebAuthnClientMismatchException": errors.PasskeyRefused,
    "WebAuthnConfigurationMissingException": errors.PasskeysUnavailable,
    "WebAuthnCredentialNotSupportedException": errors.PasskeyRefused,
    "WebAuthnNotEnabledException": errors.PasskeysUnavailable,
    "WebAuthnOriginNotAllowedException": errors.PasskeyRefused,
    "WebAuthnRelyingPartyMismatchException": errors.PasskeyRefused,
}
TRANSIENT = {"ConcurrentModificationException", "InternalErrorException"}
# Each error with the part of the configuration that the log names.
CONFIGURATION = {
    "FeatureUnavailableInTierException": "tier",
    "ForbiddenException": "web ACL",
    "InvalidEmailRoleAccessPolicyException": "EmailSourceArn",
    "InvalidLambdaResponseException": "triggers",
    "InvalidSmsRoleAccessPolicyException": "SMS configuration",
    "InvalidSmsRoleTrustRelationshipException": "SMS configuration",
    "InvalidUserPoolConfigurationException": "set-up of the user pool",
    "OperationNotEnabledException": "set-up of the user pool",
    "PreconditionNotMetException": "set-up of the user pool",
    "ResourceNotFoundException": "COGNITO_USER_POOL_ID",
    "UnauthorizedException": "COGNITO_CLIENT_SECRET",
    "UnexpectedLambdaException": "triggers",
    "UnsupportedOperationException": "token revocation",
    "UserPoolTaggingException": "set-up of the user pool",
}
# Features that the application can do without: their absence is no fault of the configuration.
FEATURES: dict[tuple[str, str], type[CognitoError]] = {
    ("ResourceNotFoundException", "DeleteWebAuthnCredential"): errors.PasskeyNotFound,
    ("ResourceNotFoundException", "RevokeUserSession"): errors.SessionNotFound,
    ("ResourceNotFoundException", "AdminRevokeUserSession"): errors.SessionNotFound,
    ("ResourceNotFoundException", "AdminForgetDevice"): errors.DeviceNotFound,
    **{
        (name, operation): errors.DevicesNotRemembered
        for name in ("InvalidUserPoolConfigurationException", "OperationNotEnabledException")
        for operation in ("AdminListDevices", "AdminForgetDevice")
    },
    **{
        ("OperationNotEnabledException", operation): errors.PasskeysUnavailable
        for operation in (
            "CompleteWebAuthnRegistration",
            "DeleteWebAuthnCredential",
            "ListWebAuthnCredentials",
            "StartWebAuthnRegistration",
        )
    },
    **{
        ("OperationNotEnabledException", operation): errors.SessionsNotTracked
        for operation in (
            "AdminListUserSessions",
            "AdminRevokeUserSession",
            "ListUserSessions",
            "RevokeUserSession",
        )
    },
}
# Errors of every AWS service, which the model does not list.
COMMON = {
    "AccessDeniedException": "cognito-idp:ListUsers",
    "ExpiredTokenException": "AWS credentials",
    "InvalidSignatureException": "AWS credentials",
    "UnrecognizedClientException": "AWS credentials",
    "RequestExpired": "clock",
    "UserPoolAddOnNotEnabledException": "set-up of the user pool",
}


def operations_called() -> dict[str, str]:
    """Return the operations that `cognito/` calls: their names in the model by Python name."""
    by_python_name = {xform_name(name): name for name in MODEL.operation_names}
    called = {
        node.func.attr
        for path in (ROOT / "cognito").glob("**/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    return {name: by_python_name[name] for name in called & by_python_name.keys()}


def modelled() -> list[tuple[str, str]]:
    return sorted(
        (operation, shape.name)
        for operation in operations_called().values()
        for shape in MODEL.operation_model(operation).error_shapes
    )


def translated(name: str, message: str = SECRET, operation: str = "ListUsers") -> CognitoError:
    return error_of({"Error": {"Code": name, "Message": message}}, operation=operation)


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    lines = [one for one in caplog.records if one.name == service_errors.__name__]
    assert all(one.levelno == logging.ERROR for one in lines)
    return [one.getMessage() for one in lines]


def test_called_operations_are_found_in_the_model() -> None:
    called = operations_called().values()
    assert {"SignUp", "InitiateAuth", "AdminCreateUser", "RevokeToken"} <= set(called)
    assert len(modelled()) > 300


def test_documented_error_is_attributed_to_caller_outage_or_configuration(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for operation, name in modelled():
        caplog.clear()
        error = translated(name, operation=operation)
        if (name, operation) in FEATURES:
            assert type(error) is FEATURES[name, operation], (operation, name)
            assert logged(caplog) == []
        elif name in CONFIGURATION:
            assert type(error) is ClientRefused, (operation, name)
            (line,) = logged(caplog)
            assert operation in line
            assert name in line
            assert CONFIGURATION[name] in line
        else:
            expected = CognitoUnavailable if name in TRANSIENT else CALLER[name]
            assert type(error) is expected, (operation, name)
            assert logged(caplog) == []
        assert SECRET not in f"{error!r} {caplog.text}"


@pytest.mark.parametrize(("name", "named"), COMMON.items())
def test_common_aws_error_is_logged_as_a_fault_of_the_configuration(
    caplog: pytest.LogCaptureFixture, name: str, named: str
) -> None:
    assert type(translated(name)) is ClientRefused
    (line,) = logged(caplog)
    assert named in line


@pytest.mark.parametrize(
    ("name", "message", "named"),
    [
        (
            "InvalidParameterException",
            "Username cannot be of email format, since user pool is configured for email alias.",
            "UsernameAttributes",
        ),
        ("NotAuthorizedException", "SecretHash does not match for the client: x", "COGNITO_CLIENT"),
        ("InvalidParameterException", "Auth flow not enabled for this client", "ExplicitAuthFlows"),
        (
            "NotAuthorizedException",
            "A client attempted to write unauthorized attribute",
            "WriteAttributes",
        ),
        (
            "InvalidParameterException",
            "Cannot resend codes. Auto verification not turned on.",
            "AutoVerifiedAttributes",
        ),
        (
            "LimitExceededException",
            "Exceeded daily email limit for the operation or the account.",
            "EmailSourceArn",
        ),
        (
            "InvalidParameterException",
            "Email address is not verified. The following identities failed the check in region",
            "EmailSourceArn",
        ),
        (
            "InvalidParameterException",
            "Attributes did not conform to the schema: given_name: The attribute is required\n",
            "given_name",
        ),
    ],
)
def test_message_about_the_configuration_is_logged_as_a_fault_of_it(
    caplog: pytest.LogCaptureFixture, name: str, message: str, named: str
) -> None:
    assert type(translated(name, message)) is ClientRefused
    (line,) = logged(caplog)
    assert named in line
    assert message.strip() not in line


def test_missing_attribute_that_the_caller_can_set_is_an_error_of_the_caller(
    caplog: pytest.LogCaptureFixture,
) -> None:
    message = "Attributes did not conform to the schema: name: The attribute is required"
    response = {"Error": {"Code": "InvalidParameterException", "Message": message}}
    error = error_of(response, settable=("name", "phone_number"))
    assert isinstance(error, errors.AttributeRequired)
    assert error.attributes == {"name"}
    assert logged(caplog) == []


@pytest.mark.parametrize(
    ("message", "attributes"),
    [
        ("Invalid phone number format.", {"phone_number"}),
        ("Invalid email address format.", {"email"}),
        ("custom:tier must be a number", {"custom:tier"}),
        ("1 validation error detected", set()),
    ],
)
def test_error_of_a_parameter_keeps_only_the_names_of_attributes(
    message: str, attributes: set[str]
) -> None:
    error = translated("InvalidParameterException", message)
    assert isinstance(error, errors.InvalidParameter)
    assert error.attributes == attributes


@pytest.mark.parametrize(
    "message",
    [
        "User is already confirmed.",
        "Cannot reset password for the user as there is no registered/verified email or phone",
    ],
)
def test_parameter_error_about_a_users_state_is_a_wrong_state(message: str) -> None:
    assert type(translated("InvalidParameterException", message)) is errors.WrongUserState
