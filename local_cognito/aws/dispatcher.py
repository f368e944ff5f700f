"""Answer the operations of OPERATIONS, and let MiniStack answer all others.

MiniStack calls the dispatcher after the guard has let a request pass, and after it has checked AWS
credentials and IAM policies, so that our operations need the rights that they need on AWS.
"""
# ruff: noqa: SLF001

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.core.concurrency import run_reentrant
from ministack.core.responses import error_response_json, json_response

from local_cognito.aws import model
from local_cognito.aws.context import Context
from local_cognito.aws.model.validation import check_answer, check_request
from local_cognito.aws.operations import OPERATIONS, PRIVATE_OPERATIONS, Operation
from local_cognito.aws.service_errors import Failure, MalformedRequest, ServiceError
from local_cognito.aws.tokens import issuing

logger = logging.getLogger(__name__)

# MiniStack's form of an answer: the status, the headers and the body.
RawAnswer = tuple[int, dict[str, str], bytes]
Dispatch = Callable[[str, Any], Awaitable[RawAnswer]]

_THREAD = "local-cognito"


def install(cognito: Any, context: Context) -> None:
    """Put the dispatcher in front of MiniStack's operations."""
    unsigned = {name for name in OPERATIONS if model.is_unsigned(name)}
    # This one takes AWS credentials or the secret of an app client, which it checks itself.
    unsigned.add("GetDerivedToken")
    # MiniStack reads these names from a botocore that is older than the operations.
    service = "cognito-idp"
    iam_actions._UNSIGNED_OPERATIONS[service] = iam_actions.unsigned_operations(service) | unsigned
    # For these, MiniStack finds the region by the token or the app client.
    cognito._UNSIGNED_IDP_ACTIONS |= unsigned
    cognito._dispatch_idp = dispatcher(cognito, context, cognito._dispatch_idp, OPERATIONS)


def dispatcher(
    cognito: Any, context: Context, others: Dispatch, operations: Mapping[str, Operation]
) -> Dispatch:
    async def dispatch(action: str, request: Any) -> RawAnswer:
        is_private = action in PRIVATE_OPERATIONS
        operation = Operation(PRIVATE_OPERATIONS[action]) if is_private else operations.get(action)
        if operation is None:
            return await _pass_on(others, action, request)
        if not isinstance(request, dict):
            return raw_error(MalformedRequest("The request must be a JSON object."))
        if operation.only_if and not operation.only_if(request, context):
            return await _pass_on(others, action, request)

        try:
            if not is_private:
                unchecked = operation.unchecked
                check_request(
                    action, {key: request[key] for key in request if key not in unchecked}
                )
        except ServiceError as error:
            return raw_error(error)

        def answer(authorised: Any) -> RawAnswer:
            return _answer(action, operation, authorised, context, is_private=is_private)

        # MiniStack checks access tokens and secret hashes first. The thread keeps its event loop
        # free for triggers, which may call it.
        with issuing.during(request):
            return await run_reentrant(  # type: ignore[no-any-return]
                cognito._run_idp_handler, answer, action, request, thread_name=_THREAD
            )

    return dispatch


async def _pass_on(others: Dispatch, action: str, request: Any) -> RawAnswer:
    with issuing.during(request if isinstance(request, dict) else {}):
        return await others(action, request)


def _answer(
    action: str, operation: Operation, request: Any, context: Context, *, is_private: bool
) -> RawAnswer:
    try:
        answer = operation.function(request, context)
    except ServiceError as error:
        return raw_error(error)
    except Exception as error:  # noqa: BLE001 - every error needs an answer
        # The log names the place, without the error's text, which may quote a password.
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("%s failed: %s\n%s", action, type(error).__name__, where)  # noqa: TRY400
        return raw_error(Failure())
    try:
        if not is_private:
            check_answer(action, answer)
    except ServiceError as error:
        text = "The answer of %s does not fit the service model: %s"
        logger.error(text, action, error.message)  # noqa: TRY400
        return raw_error(Failure())
    return json_response(answer)  # type: ignore[no-any-return]


def raw_error(error: ServiceError) -> RawAnswer:
    return error_response_json(error.code, error.message, error.status)  # type: ignore[no-any-return]
