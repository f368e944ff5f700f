"""The entry point on AWS Lambda: `lambda_handler` of zappa_settings.json.

Requests arrive as events of a gateway (gateway_event.py). A caller that IAM allows to invoke the
function directly can also run one of a few management commands, as `zappa manage` does:
`{"manage": "migrate"}`. No request can do this, because an event with a `requestContext` is always
handled as a request. Zappa's `raw_command` and `command`, which run any code, do not exist here.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shlex
import time
from http import HTTPStatus
from importlib import import_module
from io import StringIO
from typing import Any, Protocol

from project.aws_lambda.cold_start import quick_start

# Load the views now, because Lambda gives a start a whole processor, and a request a share of one.
with quick_start():
    from django.conf import settings

    from accounts.problem_document import CONTENT_TYPE, problem_document
    from project.aws_lambda.gateway_event import (
        AnswerTooLarge,
        Event,
        Headers,
        UnreadableEvent,
        gateway_answer,
        wsgi_environ,
    )
    from project.environment.reader import EnvironmentProblems
    from project.logs.configuration import without_names
    from project.middleware.request_id import current_request_id
    from project.wsgi import application

    import_module(settings.ROOT_URLCONF)

    # These have models, which can be imported only now.
    from accounts import process
    from accounts.metrics.declared import COLD_STARTS

# The commands that a deployment and a schedule need. None of them runs code of the caller.
COMMANDS = frozenset(
    {
        *("check", "clear_expired", "migrate", "showmigrations"),
        *("delete_old_audit_events", "deliver_audit_events", "replay_audit_events"),
        *("list_pool_changes", "repeat_pool_changes", "sign_out_everyone"),
    }
)
# The options of a command on a schedule, which must end before the function's 29 seconds.
ON_SCHEDULE = {"clear_expired": "--seconds 20"}

logger = logging.getLogger(__name__)

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ and "sqlite" in settings.DATABASES["default"]["ENGINE"]:
    raise EnvironmentProblems(
        {"DATABASE_URL": "must name a PostgreSQL server: Lambda keeps no files"}
    )


if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
    from project.aws_lambda.snapshot import register_hooks

    # This process becomes a snapshot, and each one that continues from it counts its own start.
    register_hooks()
else:
    process.current.metrics.count(COLD_STARTS)


class LambdaContext(Protocol):
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    aws_request_id: str


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request, run a management command, or stay warm."""
    if "requestContext" in event:
        return _answer(event, context)
    if "manage" in event:
        return _manage(str(event["manage"]))
    if event.get("detail-type") == "Scheduled Event":
        return _on_schedule(event)
    raise ValueError("expected an event of a gateway, of a schedule, or a management command")


def _answer(event: Event, context: LambdaContext) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        environ = wsgi_environ(event, prefix=settings.FORCE_SCRIPT_NAME or "")
    except UnreadableEvent:
        return _failure(event, HTTPStatus.BAD_REQUEST)
    status, headers, body = _run(environ)
    request_id = dict(headers).get("X-Request-ID", "")
    reset_to = current_request_id.set(request_id)
    try:
        milliseconds = (time.perf_counter() - started) * 1000
        logger.info(
            "%s %s %s in %.0f ms, Lambda request %s",
            environ["REQUEST_METHOD"],
            without_names(environ["PATH_INFO"]),
            status.partition(" ")[0],
            milliseconds,
            context.aws_request_id,
        )
        return gateway_answer(event, status=status, headers=headers, body=body)
    except AnswerTooLarge as error:
        logger.error("The answer is too large: %s", error)  # noqa: TRY400 - a trace adds nothing
        return _failure(event, HTTPStatus.INTERNAL_SERVER_ERROR)
    finally:
        current_request_id.reset(reset_to)


def _run(environ: dict[str, Any]) -> tuple[str, Headers, bytes]:
    """Return status, headers and body of the application's answer (PEP 3333)."""
    started: list[tuple[str, Headers]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started.append((status, headers))

    answer = application(environ, start_response)
    try:
        body = b"".join(answer)
    finally:
        # Django ends the request, and closes broken database connections.
        answer.close()
    status, headers = started[-1]
    return status, headers, body


def _failure(event: Event, status: HTTPStatus) -> dict[str, Any]:
    """Answer without Django, which has answered already or cannot read the request."""
    return gateway_answer(
        event,
        status=f"{status} {status.phrase}",
        headers=[("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store")],
        body=json.dumps(problem_document(status)).encode(),
    )


def _manage(line: str) -> dict[str, Any]:
    name, *arguments = shlex.split(line) or [""]
    if name not in COMMANDS:
        raise ValueError(f"not a command that runs here: choose from {', '.join(sorted(COMMANDS))}")
    from django.core.management import call_command  # noqa: PLC0415 # 15 ms of every cold start

    output = StringIO()
    call_command(name, *arguments, stdout=output, stderr=output, no_color=True)
    return {"output": output.getvalue()}


def _on_schedule(event: Event) -> dict[str, Any]:
    """Run the command at the end of the rule's name: infra/deploy/function/schedules.py."""
    command = re.split("[-.]", " ".join(event.get("resources", ())))[-1]
    if command in COMMANDS:
        return _manage(f"{command} {ON_SCHEDULE.get(command, '')}")
    # The call itself keeps an instance warm.
    return {}
