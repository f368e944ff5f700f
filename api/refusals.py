"""Exceptions that the API raises itself, and what it says where the user pool refuses."""

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

from cognito import errors


class InsufficientScope(PermissionDenied):
    """The token is valid, but does not carry the scope that is needed (RFC 6750 section 3.1)."""

    default_code = "insufficient_scope"
    default_detail = "The token does not carry the scope that this request needs."

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.auth_header = f'Bearer error="insufficient_scope", scope="{scope}"'


class TokenRevoked(AuthenticationFailed):
    """The token verifies, but its sign-in was ended, or its user switched off."""

    default_code = "token_revoked"
    default_detail = "The token has been revoked."


class Conflict(APIException):
    """The state of the caller's account, or of what the request names, does not allow it."""

    status_code = status.HTTP_409_CONFLICT


class TooManyRows(Conflict):
    """An account has stored as much of one kind as it may."""

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
    """Return the API's error for what the user pool refuses, with the words of the error tree.

    Args:
        fields: the field of the request that each refusal is about.
        attributes: the fields that are attributes of a user, any of which the pool may not accept.
        otherwise: the answer to all other refusals.
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
    """Say which values the pool does not accept, never that a code or a password is wrong.

    Args:
        attributes: the fields that the pool may name; in a nested one, after the last dot.
        default: the fields to blame where the pool names none of them.
    """
    named = [one for one in attributes if one.rpartition(".")[2] in refused.attributes]
    is_missing = isinstance(refused, errors.AttributeRequired)
    message = "This field is required." if is_missing else errors.InvalidParameter.message
    fields = named or list(default) or ["non_field_errors"]
    return ValidationError({field: [message] for field in fields})


def refuse_code(field: str = "code") -> ValidationError:
    """Return the one answer to a wrong code, an old one, and any code for an unknown account."""
    return ValidationError({field: [errors.CodeMismatch.message]})
