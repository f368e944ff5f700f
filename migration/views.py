"""The endpoint that the user pool asks. docs/migrate-users.md describes requests and answers.

No request without a valid signature reaches the database or a hasher, and all such requests get
the same answer.
"""

from __future__ import annotations

import json
import logging
import re
import time
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from migration import people, progress, reasons, switch
from migration.attempts import Counter, Replayed, use_nonce
from migration.conf import Configuration, configuration
from migration.models import CameAlong
from migration.passwords import is_right
from migration.signature import CLOCK_SECONDS, HEADER, Refused, verify

logger = logging.getLogger("migration")

MAXIMUM_BODY_BYTES = 16_384
MAXIMUM_PASSWORD_CHARACTERS = 4096
# Enough digits for every length within the bound.
_LENGTH = re.compile(r"[0-9]{1,9}", re.ASCII)
AUTHENTICATE, FORGOT_PASSWORD = "authenticate", "forgot_password"


class _Answered(Exception):
    """The request ends here.

    Attributes:
        status: the status of the answer.
        reason: a word for the log of the function. It says nothing about a user.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass(frozen=True)
class _Question:
    action: str
    username: str
    password: str = field(repr=False)


@csrf_exempt
@transaction.non_atomic_requests
@sensitive_variables()
def check(request: HttpRequest) -> HttpResponse:
    """Answer whether a password is right, and which user it is."""
    began = time.monotonic()
    try:
        answer: HttpResponse = JsonResponse(_answer(request, began))
    except _Answered as answered:
        answer = JsonResponse({"error": answered.reason}, status=answered.status)
    except (DatabaseError, ImproperlyConfigured) as error:
        # The text of a database's error may quote values.
        logger.error("No question can be answered: %s.", type(error).__name__)  # noqa: TRY400
        answer = JsonResponse({"error": "unavailable"}, status=503)
    except Exception as error:  # noqa: BLE001 - a report of it would show the request's body
        place = _place_of(error)
        logger.error("No question can be answered: %s in %s.", type(error).__name__, place)  # noqa: TRY400
        answer = JsonResponse({"error": "unavailable"}, status=503)
    answer["Cache-Control"] = "no-store"
    return answer


@sensitive_variables()
def _answer(request: HttpRequest, began: float) -> dict[str, Any]:
    configured = configuration()
    key_id = _require_signature(request, configured)
    question = _question(request.body)
    forgot = question.action == FORGOT_PASSWORD
    # Forgotten passwords count separately, so that a user who has guessed wrong can still reset.
    address = question.username.lower()
    of_account = Counter("forgot" if forgot else "account", address, configured.account_limit)
    of_source = Counter("source", key_id, configured.source_limit)
    if not of_account.allows_another():
        raise _limited("one address", reasons.LIMITED_ADDRESS)
    if not of_source.allows_another():
        of_account.forgive_one()
        raise _limited("all addresses together", reasons.LIMITED_ALL)
    refusals: list[tuple[Any, str]] = []
    user = _user_for(question, configured, refusals)
    if user is None:
        progress.record_failures(refusals or [(None, reasons.UNKNOWN)])
        _wait_until(began + configured.refusal_seconds)
        return {"known": False}
    of_account.forgive_all()
    of_source.forgive_one()
    way = CameAlong.Way.FORGOTTEN_PASSWORD if forgot else CameAlong.Way.SIGN_IN
    progress.record_came_along(user, way)
    return {"known": True, "id": str(user.pk), "attributes": people.attributes(user, configured)}


def _require_signature(request: HttpRequest, configured: Configuration) -> str:
    """Return the id of the key. Raises _Answered."""
    length = request.META.get("CONTENT_LENGTH") or ""
    is_bounded = _LENGTH.fullmatch(length) is not None and int(length) <= MAXIMUM_BODY_BYTES
    if request.method != "POST" or not is_bounded:
        # Reading the body would be work for an unknown sender.
        raise _refused()
    body = request.body
    if len(body) > MAXIMUM_BODY_BYTES:
        raise _refused()
    try:
        signed = verify(request.META.get(HEADER, ""), body, configured.keys)
    except Refused:
        raise _refused() from None
    # From here on the sender has a key, so an answer may say what is wrong.
    if switch.ends(configured) <= timezone.now():
        raise _Answered(410, "switched off")
    difference = signed.clock_difference(time.time())
    if abs(difference) > CLOCK_SECONDS:
        logger.error("The clock of the user pool's function differs by %s s.", difference)
        progress.record_failures([(None, reasons.CLOCK)])
        raise _Answered(401, f"the clocks differ by {difference} s")
    try:
        use_nonce(signed)
    except Replayed:
        logger.warning("A request was sent twice, or is a copy. It was refused.")
        progress.record_failures([(None, reasons.REPLAYED)])
        raise _Answered(401, "the request was sent before") from None
    return signed.key_id


@sensitive_variables()
def _question(body: bytes) -> _Question:
    """Raises _Answered."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise _Answered(400, "the body is invalid") from None
    if not isinstance(asked, dict):
        raise _Answered(400, "the body is invalid")
    action, username = asked.get("action"), asked.get("username")
    password = asked.get("password", "")
    if (
        action not in (AUTHENTICATE, FORGOT_PASSWORD)
        or not _is_text(username)
        or not _is_text(password)
        or len(password) > MAXIMUM_PASSWORD_CHARACTERS
    ):
        raise _Answered(400, "the body is invalid")
    return _Question(str(action), str(username).strip(), password)


@sensitive_variables()
def _user_for(
    question: _Question, configured: Configuration, refusals: list[tuple[Any, str]]
) -> Any | None:
    forgot = question.action == FORGOT_PASSWORD
    user = people.find(question.username, configured, refusals, forgot=forgot)
    if forgot:
        # Cognito sends a code to verified addresses only.
        if user is None or people.is_verified(user, configured):
            return user
        refusals.append((user, reasons.UNVERIFIED))
        return None
    if is_right(question.password, user.password if user is not None else None):
        return user
    if user is not None:
        refusals.append((user, reasons.WRONG_PASSWORD))
    return None


def _is_text(value: Any) -> bool:
    """Return whether the value is a text that can be encoded."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refused() -> _Answered:
    return _Answered(401, "refused")


def _limited(what: str, reason: str) -> _Answered:
    progress.record_failures([(None, reason)])
    logger.warning("There were too many wrong attempts for %s.", what)
    return _Answered(429, f"too many wrong attempts for {what}")


def _wait_until(moment: float) -> None:
    left = moment - time.monotonic()
    if left > 0:
        time.sleep(left)


def _place_of(error: BaseException) -> str:
    """Return file and line of the innermost call."""
    trace = error.__traceback__
    if trace is None:
        return "an unknown place"
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
