"""Show a form, and what went wrong with it: at its field, with the values that the user sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from math import ceil

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.language.words import advice_of, message_of, title_of
from accounts.own_account.refusals import FIELDS, SIGN_IN_AGAIN
from accounts.rate_limits.limits import LimitReached
from cognito import errors
from cognito.errors import CognitoUnavailable, InvalidParameter, RequestRefused, TooManyRequests


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the form is shown again. `retry_after` is in seconds; 0 for no such header."""

    status: HTTPStatus
    retry_after: int = 0


def submit(form: Form, operation: Callable[[], object], *, field: str = "") -> Failure | None:
    """Run the operation of a valid form. Put its failure into the form, or return None.

    Args:
        form: the form.
        operation: what changes the account.
        field: the field to blame for a refusal that names none.
    """
    try:
        operation()
    except CognitoUnavailable as error:
        form.add_error(
            None,
            _("%(problem)s. The change may have been made. %(advice)s")
            % {"problem": title_of(error), "advice": advice_of(error)},
        )
        is_outage = not isinstance(error, errors.OperationNotSupported)
        return Failure(error.status, error.retry_after if is_outage else 0)
    except (LimitReached, TooManyRequests) as error:
        wait = error.wait if isinstance(error, LimitReached) else error.retry_after
        form.add_error(
            None,
            _("There were too many attempts. Nothing has changed. Try again in %(minutes)d min.")
            % {"minutes": ceil(wait / 60)},
        )
        return Failure(TooManyRequests.status, ceil(wait))
    except SIGN_IN_AGAIN:
        # `account_page` shows a page for it.
        raise
    except RequestRefused as refused:
        named = _field_of(form, refused) or field
        form.add_error(named if named in form.fields else None, message_of(refused))
        return Failure(HTTPStatus.BAD_REQUEST)
    return None


def form_page(
    request: HttpRequest,
    template: str,
    form: Form,
    failure: Failure | None = None,
    **context: object,
) -> HttpResponse:
    """Return the page of a form, with the status of its failure."""
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    if failure is not None:
        status = failure.status
    if form.errors:
        _mark_first_error(form)
    response = render(request, template, {"form": form, **context}, status=status)
    if failure is not None and failure.retry_after:
        response["Retry-After"] = str(failure.retry_after)
    return response


def _field_of(form: Form, refused: RequestRefused) -> str:
    if isinstance(refused, InvalidParameter):
        return next((name for name in form.fields if name in refused.attributes), "")
    return FIELDS.get(type(refused), "")


def _mark_first_error(form: Form) -> None:
    """Let the browser move to the first field with an error."""
    for name, field in form.fields.items():
        if name in form.errors:
            field.widget.attrs["autofocus"] = True
            return
