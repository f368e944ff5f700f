"""Triggers of a user pool that MiniStack does not call: after a confirmation, and to bring users.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-confirmation.html
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html
"""
# ruff: noqa: SLF001

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from local_cognito.aws.context import Context, Request
from local_cognito.aws.ministack_pools import Record, attributes
from local_cognito.aws.service_errors import NotAuthorized, ServiceError
from local_cognito.aws.user_import import rows

logger = logging.getLogger(__name__)

# Cognito waits no longer.
DEADLINE_SECONDS = 5.0

PASSWORD_FLOWS = {"USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}
_FINAL_STATUSES = {"CONFIRMED", "RESET_REQUIRED"}


def install(cognito: Any, context: Context) -> None:
    """Call the trigger after MiniStack has confirmed a user or a new password."""
    for name, source in (
        ("_confirm_sign_up", "PostConfirmation_ConfirmSignUp"),
        ("_admin_confirm_sign_up", "PostConfirmation_ConfirmSignUp"),
        ("_confirm_forgot_password", "PostConfirmation_ConfirmForgotPassword"),
    ):
        setattr(cognito, name, _confirming(context, getattr(cognito, name), source))


def _confirming(context: Context, function: Any, source: str) -> Any:
    from ministack.core.responses import error_response_json  # noqa: PLC0415 - not in tests

    def confirm(request: Record) -> Any:
        answer = function(request)
        if answer[0] != HTTPStatus.OK:
            return answer
        if "UserPoolId" in request:
            pool, client_id = context.pools.pool(request["UserPoolId"]), ""
        else:
            pool, _ = context.pools.pool_of_client(request["ClientId"])
            client_id = request["ClientId"]
        if not _function(pool, "PostConfirmation"):
            return answer
        user = context.pools.user(pool, request["Username"])
        known = {**attributes(user), "cognito:user_status": user["UserStatus"]}
        try:
            _call(
                context,
                pool,
                "PostConfirmation",
                source=source,
                username=user["Username"],
                client_id=client_id,
                request={
                    "userAttributes": known,
                    "clientMetadata": request.get("ClientMetadata") or {},
                },
            )
        except ServiceError as error:
            # As on AWS, the user is confirmed nevertheless.
            return error_response_json(error.code, error.message, error.status)
        return answer

    return confirm


# --- UserMigration ---


def brings_password(request: Request, context: Context) -> bool:
    """Return whether we must look at the password of an unchecked InitiateAuth first.

    The user is unknown and may be elsewhere, or has the imported hash of a password.
    """
    if request.get("AuthFlow") not in PASSWORD_FLOWS:
        return False
    parameters = request.get("AuthParameters")
    username = parameters.get("USERNAME") if isinstance(parameters, dict) else None
    client_id = request.get("ClientId")
    if not isinstance(username, str) or not isinstance(client_id, str):
        return False
    pool, _ = context.pools.cognito._pool_for_client(client_id)
    if pool is None:
        return False
    user = context.pools.find_user(pool, username)
    return rows.has_hash(user) if user else _may_be_elsewhere(request, context, username)


def migrates_reset(request: Request, context: Context) -> bool:
    """Return whether the user of an unchecked ForgotPassword is unknown, and may be elsewhere."""
    return _may_be_elsewhere(request, context, request.get("Username"))


def migrate(
    context: Context,
    pool: Record,
    client: Record,
    username: str,
    *,
    password: str | None,
    metadata: Mapping[str, str],
) -> Record | None:
    """Ask the trigger for an unknown user, and create that user.

    `password` is None at a forgotten password. Return None if the trigger knows no such user.
    Raises ServiceError if it refuses the password.
    """
    if not _function(pool, "UserMigration"):
        return None
    source = "Authentication" if password is not None else "ForgotPassword"
    try:
        response = _call(
            context,
            pool,
            "UserMigration",
            source=f"UserMigration_{source}",
            username=username,
            client_id=client["ClientId"],
            request={
                **({"password": password} if password is not None else {}),
                "validationData": {},
                "clientMetadata": dict(metadata),
            },
        )
    except ServiceError:
        # The text of the trigger would tell who is known there.
        if context.pools.hides_user_existence(client):
            raise NotAuthorized from None
        raise
    given = response.get("userAttributes")
    if not isinstance(given, dict) or not given:
        return None
    with context.lock:
        known = context.pools.find_user(pool, username)
        if known is not None:
            return known
        return _create(context, pool, username, password, response)


def _create(
    context: Context, pool: Record, username: str, password: str | None, response: Record
) -> Record:
    given = {
        str(name): str(value)
        for name, value in response["userAttributes"].items()
        if name not in {"username", "sub"}
    }
    request: dict[str, Any] = {
        "UserPoolId": pool["Id"],
        "Username": username,
        "UserAttributes": [{"Name": name, "Value": value} for name, value in given.items()],
        "TemporaryPassword": context.pools.cognito._generate_temp_password(),
    }
    if response.get("messageAction") == "SUPPRESS":
        request["MessageAction"] = "SUPPRESS"
    created = context.pools.call("AdminCreateUser", request)["User"]
    user = context.pools.user(pool, created["Username"])
    status = response.get("finalUserStatus")
    user["UserStatus"] = status if status in _FINAL_STATUSES else "RESET_REQUIRED"
    if password is not None:
        user["_password"] = password
    return user


def _may_be_elsewhere(request: Request, context: Context, username: object) -> bool:
    client_id = request.get("ClientId")
    if not isinstance(username, str) or not isinstance(client_id, str) or not username:
        return False
    pool, _ = context.pools.cognito._pool_for_client(client_id)
    return (
        pool is not None
        and _function(pool, "UserMigration") is not None
        and context.pools.find_user(pool, username) is None
    )


def _function(pool: Record, trigger: str) -> str | None:
    name: str | None = (pool.get("LambdaConfig") or {}).get(trigger)
    return name


def _call(
    context: Context,
    pool: Record,
    trigger: str,
    *,
    source: str,
    username: str,
    client_id: str,
    request: Record,
) -> Record:
    """Return the trigger's response. Raises ServiceError, as AWS does."""
    cognito = context.pools.cognito
    event = cognito._build_presignup_event(
        pool_id=pool["Id"],
        client_id=client_id,
        username=username,
        user_attrs={},
        trigger_source=source,
    ) | {"request": request, "response": {}}
    outcome: dict[str, Any] = {}

    def run() -> None:
        from ministack.services import lambda_svc  # noqa: PLC0415 - not in tests

        record, configuration, _ = lambda_svc._get_func_record_for_ref(_function(pool, trigger))
        if record is None:
            outcome["result"] = {"error": True, "body": "the function does not exist"}
            return
        chosen = lambda_svc._execution_record_for_config(record, configuration)
        outcome["result"] = lambda_svc._execute_function_with_config_scope(chosen, event)

    worker = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
    worker.start()
    worker.join(DEADLINE_SECONDS)
    result = outcome.get("result")
    if result is None:
        raise ServiceError(
            "UnexpectedLambdaException", f"{trigger} invocation failed or timed out."
        )
    if result.get("error"):
        raise ServiceError(
            "UserLambdaValidationException", f"{trigger} failed with error {_reason(result)}."
        )
    response: Record | None = cognito._extract_trigger_response(result.get("body"))
    if response is None:
        raise ServiceError("InvalidLambdaResponseException", f"The answer of {trigger} is invalid.")
    return response


def _reason(result: Mapping[str, Any]) -> str:
    body = result.get("body")
    if isinstance(body, dict):
        return str(body.get("errorMessage", "unknown"))
    return str(body)[:200]
