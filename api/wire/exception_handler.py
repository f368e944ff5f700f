"""The translation of exceptions in views of the API into problems.

An exception that is not translated here is a defect. Django logs it with its traceback and answers
500, and `api.wire.middleware` replaces the body with a problem that reveals nothing.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpResponse, UnreadablePostError
from django.utils.translation import gettext_noop
from rest_framework import exceptions as drf
from rest_framework.exceptions import (
    APIException,
    ErrorDetail,
    MethodNotAllowed,
    NotFound,
    UnsupportedMediaType,
    ValidationError,
)
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from accounts import process
from accounts.metrics.declared import DATABASE_FAILURES, UNAUTHORIZED
from accounts.process.revocation_list import RevocationsUnavailable
from accounts.rate_limits import limits
from api.problems import Problem, standard_problem
from api.recent_authentication import InsufficientUserAuthentication
from api.session_authentication import SessionEnded, sign_in_members
from cognito import errors

logger = logging.getLogger(__name__)

# Earlier retries only add load to a database that is failing over.
DATABASE_RETRY_SECONDS = 5


def handle_exception(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Return the response to `exc`, or None to pass the exception on to Django."""
    problem = translate(exc)
    if problem is None:
        return None
    set_rollback()
    request = context["request"]
    if isinstance(exc, drf.NotAuthenticated | SessionEnded):
        problem = replace(problem, extensions=sign_in_members(request))
    elif isinstance(exc, InsufficientUserAuthentication):
        problem = replace(problem, extensions=exc.extensions)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        process.current.metrics.count(UNAUTHORIZED, problem.code)
    return problem.response(request)


def translate(exc: Exception) -> Problem | None:
    """Return the problem for the caller, or None if `exc` is a defect of this application."""
    problem: Problem | None = None
    match exc:
        case APIException():
            problem = _problem_of_drf(exc)
        case limits.LimitReached():
            problem = _throttled(exc.wait)
        case errors.Throttled():
            problem = _throttled(exc.retry_after)
        case errors.CognitoUnavailable() | RevocationsUnavailable():
            problem = _problem_of_outage(exc)
        # A read-only PostgreSQL is an InternalError to Django.
        case OperationalError() | InterfaceError() | InternalError():
            process.current.metrics.count(DATABASE_FAILURES)
            logger.error("The database is unavailable", exc_info=exc)
            problem = _unavailable(
                "database_unavailable",
                # A page shows it in the language of its visitor.
                gettext_noop("The database is unavailable. Try again later."),
                retry_after=DATABASE_RETRY_SECONDS,
            )
        case Http404():
            problem = standard_problem(404)
        case DjangoPermissionDenied():
            problem = standard_problem(403)
        case RequestDataTooBig():
            problem = standard_problem(413)
        case SuspiciousOperation() | UnreadablePostError():
            problem = standard_problem(400)
    return problem


def _problem_of_drf(exc: APIException) -> Problem:
    match exc:
        case ValidationError():
            return validation_problem(exc)
        case drf.Throttled():
            # DRF gives no time if the rate of the throttle was changed meanwhile.
            return _throttled(getattr(exc, "wait", None) or 0)
        case UnsupportedMediaType() | MethodNotAllowed() | NotFound():
            # DRF's own messages repeat input from the request, of any length.
            return standard_problem(exc.status_code)
    detail, code = str(exc.default_detail), exc.default_code
    if isinstance(exc.detail, ErrorDetail):
        detail, code = str(exc.detail), exc.detail.code or code
    # DRF gives errors these attributes for the headers of their answers.
    headers = {}
    if auth_header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    return Problem(status=exc.status_code, code=code, detail=detail, headers=headers)


def _problem_of_outage(exc: errors.CognitoUnavailable | RevocationsUnavailable) -> Problem:
    if isinstance(exc, RevocationsUnavailable):
        process.current.metrics.count(DATABASE_FAILURES)
    logger.warning(
        "%s is unavailable: %s",
        exc.dependency,
        exc.reason or exc.code,
        extra={"outage": exc.dependency},
    )
    return _unavailable(exc.code, str(exc), retry_after=exc.retry_after)


def validation_problem(exc: ValidationError) -> Problem:
    return Problem(
        status=400,
        code="validation_failed",
        detail="Some fields are invalid. Correct them.",
        errors=field_errors(exc.detail),
    )


def _throttled(wait: float) -> Problem:
    return Problem(
        status=429,
        code="throttled",
        detail="Too many requests. Try again later.",
        headers={"Retry-After": str(max(1, math.ceil(wait)))},
    )


def _unavailable(code: str, detail: str, *, retry_after: int) -> Problem:
    return Problem(status=503, code=code, detail=detail, headers={"Retry-After": str(retry_after)})


def field_errors(detail: object, field: str = "") -> dict[str, list[str]]:
    """Return DRF's nested error detail as a flat map, such as `address.city` -> messages."""
    if isinstance(detail, Mapping):
        nested = [(str(name), inner) for name, inner in detail.items()]
    elif isinstance(detail, list) and any(isinstance(item, Mapping | list) for item in detail):
        nested = [(str(index), inner) for index, inner in enumerate(detail)]
    else:
        messages = detail if isinstance(detail, list) else [detail]
        name = field or str(api_settings.NON_FIELD_ERRORS_KEY)
        return {name: [str(message) for message in messages]}
    flat: dict[str, list[str]] = {}
    for name, inner in nested:
        if inner:
            flat |= field_errors(inner, f"{field}.{name}" if field else name)
    return flat
