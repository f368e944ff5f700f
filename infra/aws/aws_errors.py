"""Explain AWS errors in sentences that say what to do, for every command of this package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import Boto3Error
from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from infra.errors import InfraError

# All errors that boto3 raises for an answer of AWS or for its absence. A failed upload raises a
# Boto3Error.
AWS_ERRORS = (BotoCoreError, Boto3Error, ClientError)

_NO_CREDENTIALS = (
    "Set AWS_PROFILE to a profile of ~/.aws/config, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
)
_EXPIRED = "The credentials have expired: sign in again, for example with `aws sso login`."
_UNKNOWN_CREDENTIALS = "AWS does not know these credentials: check AWS_PROFILE and the region."
_BAD_SIGNATURE = "Check the secret access key, and the clock of this machine."
_DENIED = "Ask an administrator of the account to allow {operation} to these credentials."
_THROTTLED = "AWS limits how often the account calls it: wait a minute."
_BUSY = "Another deployment or change is in progress: wait until it has ended."
_QUOTA = (
    "A quota of the account is reached: delete what is unused, or ask for more in Service Quotas."
)
_AWS_FAILED = "AWS failed: wait a minute, and see https://health.aws.amazon.com/."
_UNREACHABLE = "Check the network, the proxy, and that the stage's region exists."
CORRECT = "Correct what this message names."

_CODES = {
    _EXPIRED: """
        ExpiredToken ExpiredTokenException InvalidGrantException RequestExpired
        TokenRefreshRequired""",
    _UNKNOWN_CREDENTIALS: """
        AuthFailure IncompleteSignature InvalidAccessKeyId InvalidClientTokenId InvalidToken
        MissingAuthenticationToken MissingAuthenticationTokenException
        UnrecognizedClientException""",
    _BAD_SIGNATURE: """
        InvalidSignatureException RequestTimeTooSkewed SignatureDoesNotMatch""",
    _DENIED: """
        403 AccessDenied AccessDeniedException AllAccessDisabled AuthorizationError
        AuthorizationErrorException Forbidden ForbiddenException NotAuthorized
        NotAuthorizedException OptInRequired UnauthorizedException UnauthorizedOperation""",
    _THROTTLED: """
        429 PriorRequestNotComplete RequestLimitExceeded RequestThrottled
        RequestThrottledException SlowDown Throttling ThrottlingException
        TooManyRequestsException""",
    _BUSY: """
        BucketNotEmpty ConcurrentModificationException ConflictException OperationAborted
        OperationInProgressException PreconditionFailed PreconditionFailedException
        ResourceConflictException ResourceInUseException""",
    _QUOTA: """
        CodeStorageExceededException LimitExceeded LimitExceededException QuotaExceeded
        ServiceQuotaExceededException TooManyBuckets""",
    _AWS_FAILED: """
        500 503 InternalError InternalErrorException InternalFailure
        InternalServerErrorException InternalServiceError ServiceException ServiceFailure
        ServiceUnavailable ServiceUnavailableException""",
}
_ADVICE_BY_CODE = {code: advice for advice, codes in _CODES.items() for code in codes.split()}
_ADVICE_BY_STATUS = {401: _UNKNOWN_CREDENTIALS, 403: _DENIED, 409: _BUSY, 429: _THROTTLED}
_SERVER_ERROR = 500

# The first match applies.
_ADVICE_BY_KIND: tuple[tuple[type[BotoCoreError] | tuple[type[BotoCoreError], ...], str], ...] = (
    (
        (
            exceptions.NoCredentialsError,
            exceptions.PartialCredentialsError,
            exceptions.ProfileNotFound,
            exceptions.ConfigNotFound,
            exceptions.ConfigParseError,
            exceptions.InvalidConfigError,
            exceptions.NoRegionError,
        ),
        _NO_CREDENTIALS,
    ),
    (
        (
            exceptions.CredentialRetrievalError,
            exceptions.LoginError,
            exceptions.NoAuthTokenError,
            exceptions.SSOError,
            exceptions.TokenRetrievalError,
            exceptions.RefreshWithMFAUnsupportedError,
        ),
        _EXPIRED,
    ),
    ((exceptions.HTTPClientError, exceptions.ConnectionError), _UNREACHABLE),
)

# The message of a ClientError, which programs such as Zappa print.
_CLIENT_ERROR = re.compile(r"An error occurred \((\w+)\) when calling the (\w+) operation")
# If the variables of a function are too large, Lambda quotes all of them in its error.
_SECRET_PARTS = re.compile(r"String measured:.*", re.DOTALL)


@contextmanager
def explained(what: str, kind: type[InfraError] = InfraError) -> Iterator[None]:
    """Raise `kind` for an AWS error in the block. The message says what to do."""
    try:
        yield
    except AWS_ERRORS as error:
        raise kind(f"{what[0].upper()}{what[1:]}: {sentence(error)}") from error


def sentence(error: Exception) -> str:
    """Return AWS's message and what to do about it, without any value that was sent."""
    if isinstance(error, exceptions.ParamValidationError):
        names = ", ".join(dict.fromkeys(re.findall(r"parameter:? \"?([\w.\[\]]+)", str(error))))
        return f"AWS would refuse the value of {names or 'a parameter'}. {CORRECT}"
    text = _SECRET_PARTS.sub("", str(error)).strip().rstrip(".")
    return f"{text}.\n{_advice(error)} Then run the same command again."


def advice_in(output: str) -> str:
    """Return what to do about the last AWS error in the output of a program, if there is one."""
    found = _CLIENT_ERROR.findall(output)
    if not found:
        return ""
    code, operation = found[-1]
    return _advice_for(code, operation)


def _advice(error: Exception) -> str:
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code = error.response.get("Error", {}).get("Code", "")
        return _advice_for(code, error.operation_name, status)
    if isinstance(error, exceptions.WaiterError):
        return advice_in(str(error)) or CORRECT
    if isinstance(error, Boto3Error):
        return advice_in(str(error)) or _UNREACHABLE
    return next((advice for kind, advice in _ADVICE_BY_KIND if isinstance(error, kind)), CORRECT)


def _advice_for(code: str, operation: str, status: int = 0) -> str:
    fallback = _AWS_FAILED if status >= _SERVER_ERROR else _ADVICE_BY_STATUS.get(status, CORRECT)
    return _ADVICE_BY_CODE.get(code, fallback).format(operation=operation)
