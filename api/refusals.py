"""Exceptions of the API, and the translation of the user pool's refusals into them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from rest_framework import status
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    PermissionDenied,
    Throttled,
    ValidationError,
)

from api.challenges import bearer_challenge
from cognito import errors


class InsufficientScope(PermissionDenied):
    """The token is valid, but lacks a scope (RFC 6750 section 3.1)."""

    default_code = "insufficient_scope"
    default_detail = "The token lacks the scope that this request needs."

    def __init__(self, *scopes: str) -> None:
        """Name all scopes that the request needs, because clients then ask for exactly these."""
        super().__init__()
        self.auth_header = bearer_challenge(error=self.default_code, scope=" ".join(scopes))


class TokenRevoked(AuthenticationFailed):
    """The token verifies, but its sign-in has ended, or its user is disabled."""

    default_code = "token_revoked"
    default_detail = "The token has been revoked. Sign in again."


class TokenRequired(PermissionDenied):
    """The user of a browser session asked for something that only a token gives."""

    default_code = "token_required"
    default_detail = "A browser session cannot do this. Send the token of a user."


class Conflict(APIException):
    """The state of the caller's account, or of the resource, does not allow the request."""

    status_code = status.HTTP_409_CONFLICT


class TooManyRows(Conflict):
    """An account has reached the maximum number of rows of one kind."""

    default_code = "too_many_rows"

    def __init__(self, kind: str, maximum: int) -> None:
        super().__init__(f"You have {maximum:,} {kind}, which is the limit. Delete some first.")


def translate_refusal(
    refused: errors.RequestRefused,
    *,
    fields: Mapping[type[errors.RequestRefused], str] | None = None,
    attributes: Collection[str] = (),
    otherwise: APIException | None = None,
) -> APIException:
    """Return the API's error for a refusal by the user pool, with the message of cognito.errors.

    Args:
        refused: the refusal.
        fields: the request field to blame for each type of refusal.
        attributes: the request fields that are user attributes, which the pool may refuse.
        otherwise: the error for all other refusals.
    """
    if isinstance(refused, errors.TooManyRequests):
        return Throttled(wait=refused.retry_after)
    if isinstance(refused, errors.InvalidParameter):
        return refuse_values(refused, attributes)
    if field := (fields or {}).get(type(refused)):
        return ValidationError({field: [refused.message]})
    return otherwise or ValidationError({"non_field_errors": [errors.RequestRefused.message]})


def refuse_values(
    refused: errors.InvalidParameter, attributes: Iterable[str], *, default: Iterable[str] = ()
) -> ValidationError:
    """Return an error that names the values which the pool does not accept.

    It never says that a code or a password is wrong.

    Args:
        refused: the refusal.
        attributes: the fields that the pool may name. It names a nested field by its last part.
        default: the fields to blame if the pool names none of `attributes`.
    """
    named = [one for one in attributes if one.rpartition(".")[2] in refused.attributes]
    is_missing = isinstance(refused, errors.AttributeRequired)
    message = "This field is required." if is_missing else errors.InvalidParameter.message
    fields = named or list(default) or ["non_field_errors"]
    return ValidationError({field: [message] for field in fields})


def refuse_code(field: str = "code") -> ValidationError:
    """Return the same error for a wrong code, an expired one, and an unknown account."""
    return ValidationError({field: [errors.CodeMismatch.message]})
