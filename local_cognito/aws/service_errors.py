"""Errors of the user pool's API, in the shape that AWS gives them.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from http import HTTPStatus


class ServiceError(Exception):
    """Raise it to refuse a request: `raise ServiceError("CodeMismatchException", "Invalid code.")`.

    `code` is the name of an exception in the service model, and becomes `__type` and the header
    x-amzn-errortype. `message` quotes no secret, because clients log it.
    """

    def __init__(
        self, code: str, message: str, *, status: HTTPStatus = HTTPStatus.BAD_REQUEST
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status


class MalformedRequest(ServiceError):
    """The request does not have the types of the service model."""

    def __init__(self, message: str) -> None:
        super().__init__("SerializationException", message)


class InvalidParameter(ServiceError):
    def __init__(self, message: str) -> None:
        super().__init__("InvalidParameterException", message)


class NotAuthorized(ServiceError):
    def __init__(self, message: str = "Incorrect username or password.") -> None:
        super().__init__("NotAuthorizedException", message)


class NotFound(ServiceError):
    def __init__(self, message: str) -> None:
        super().__init__("ResourceNotFoundException", message)


class UserNotFound(ServiceError):
    def __init__(self) -> None:
        super().__init__("UserNotFoundException", "User does not exist.")


class Failure(ServiceError):
    """A mistake of ours, which the log describes."""

    def __init__(self) -> None:
        super().__init__(
            "InternalErrorException",
            "The local AWS failed. Read its log.",
            status=HTTPStatus.INTERNAL_SERVER_ERROR,
        )
