"""The deployed function: its configuration, its environment, and calls of it.

releases.py has its versions and the alias that requests go to.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

from botocore.config import Config

from infra.deploy.stage.stages_file import ENVIRONMENT_BYTES
from infra.deploy.stage.target import Target
from infra.deploy.web import Answer
from infra.errors import InfraError

# Requests, schedules and commands go to the version that this alias names: releases.py.
ALIAS = "live"

# A management command has 29 seconds (zappa_settings.json), after a cold start of up to ten. A
# client that gives up before that sends the command again, and two of them change the schema at
# once.
COMMAND_SECONDS = 60

# The value with which each published version has a snapshot.
_PUBLISHED = "PublishedVersions"


class Function:
    """A Lambda function. `client` is boto3's for Lambda."""

    def __init__(self, client: Any, name: str, *, polling_seconds: float) -> None:
        self.client = client
        self.name = name
        self.polling_seconds = polling_seconds

    def configuration(self, version: str | None = None) -> dict[str, Any] | None:
        """Return Lambda's description of a version, or None if it does not exist.

        None stands for $LATEST. With an explicit version, Lambda would append it to `FunctionArn`,
        and no alias can follow that: `…:function:NAME:$LATEST:live`.
        """
        qualifier = {"Qualifier": version} if version else {}
        try:
            described: dict[str, Any] = self.client.get_function_configuration(
                FunctionName=self.name, **qualifier
            )
        except self.client.exceptions.ResourceNotFoundException:
            return None
        return described

    def tags(self) -> dict[str, str] | None:
        """Return the function's tags, or None if the function does not exist."""
        try:
            tags: dict[str, str] = self.client.get_function(FunctionName=self.name).get("Tags", {})
        except self.client.exceptions.ResourceNotFoundException:
            return None
        return tags

    def set_environment(
        self, variables: Mapping[str, str], *, snap_start: bool | None = None
    ) -> bool:
        """Set exactly these variables of $LATEST. Return whether that was a change.

        Args:
            snap_start: whether versions start from a snapshot; None keeps the present setting. A
                snapshot is taken of a process that has started, which needs all variables. So both
                change in one call.
        """
        require_room(variables)
        present = self.configuration() or {}
        wanted = has_snapshots(present) if snap_start is None else snap_start
        if environment_of(present) == variables and has_snapshots(present) == wanted:
            return False
        self.client.update_function_configuration(
            FunctionName=self.name,
            Environment={"Variables": dict(variables)},
            SnapStart={"ApplyOn": _PUBLISHED if wanted else "None"},
        )
        self._settle()
        return True

    def describe(self, description: str) -> None:
        # Zappa does not wait until its change has ended, and Lambda takes one change at a time.
        self._settle()
        self.client.update_function_configuration(FunctionName=self.name, Description=description)
        self._settle()

    def manage(self, command: str, version: str = ALIAS) -> str:
        """Run a management command in a version. Return what it printed."""
        answer = self._invoke({"manage": command}, version, what=f"`manage.py {command}`")
        return str(answer["output"])

    def request(self, url: str, public_url: str, version: str) -> Answer:
        """Send a GET to a version, without API Gateway.

        The event is that of a REST API, whose path does not contain the stage.
        """
        parts = urlsplit(url)
        path = url.removeprefix(public_url)
        answer = self._invoke(
            {
                "resource": "/{proxy+}",
                "path": path,
                "httpMethod": "GET",
                "headers": {"Host": parts.netloc, "X-Forwarded-Proto": parts.scheme},
                "multiValueHeaders": {
                    "Host": [parts.netloc],
                    "X-Forwarded-Proto": [parts.scheme],
                },
                "queryStringParameters": None,
                "multiValueQueryStringParameters": None,
                "pathParameters": {"proxy": path.removeprefix("/")},
                "stageVariables": None,
                "requestContext": {
                    "resourcePath": "/{proxy+}",
                    "httpMethod": "GET",
                    "path": parts.path,
                    "protocol": "HTTP/1.1",
                    "requestId": "smoke-test",
                    # A loopback address cannot be a visitor's.
                    "identity": {"sourceIp": "127.0.0.1"},
                },
                "body": None,
                "isBase64Encoded": False,
            },
            version,
            what=path,
        )
        headers = Message()
        for name, values in answer.get("multiValueHeaders", {}).items():
            for value in values:
                headers.add_header(name, value)
        body = answer.get("body") or ""
        return Answer(
            int(answer["statusCode"]),
            headers,
            base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode(),
        )

    def wake(self, version: str) -> None:
        """Let Lambda prepare a version that nothing has called for a long time.

        Lambda refuses the call until it has done so.
        https://docs.aws.amazon.com/lambda/latest/dg/snapstart-troubleshooting.html
        """
        refusals = self.client.exceptions
        with suppress(refusals.SnapStartNotReadyException, refusals.ResourceConflictException):
            # The call of the schedule that keeps the function warm.
            self._invoke({"detail-type": "Scheduled Event"}, version, what="the first call")

    def delete(self) -> None:
        """Delete the function with its versions and alias, if it exists."""
        try:
            self.client.delete_function(FunctionName=self.name)
        except self.client.exceptions.ResourceNotFoundException:
            return

    def _invoke(self, event: Mapping[str, Any], version: str, *, what: str) -> dict[str, Any]:
        answer = self.client.invoke(
            FunctionName=self.name, Qualifier=version, Payload=json.dumps(event).encode()
        )
        try:
            payload = json.loads(answer["Payload"].read() or b"null")
        except ValueError:
            payload = None
        if "FunctionError" in answer or not isinstance(payload, dict):
            found = payload.get("errorMessage") if isinstance(payload, dict) else None
            reason = found or "no reason given"
            remedy = f"Read its log: aws logs tail /aws/lambda/{self.name}"
            if "timed out" in reason and "manage" in event:
                remedy = (
                    "Run it on a machine that reaches the database, where it has no time limit: "
                    "docs/deploy.md#long-migrations"
                )
            raise InfraError(
                f"{what} failed in version {version} of {self.name}: {reason}\n{remedy}"
            )
        return payload

    def _settle(self) -> None:
        self.client.get_waiter("function_updated_v2").wait(
            FunctionName=self.name,
            WaiterConfig={"Delay": self.polling_seconds, "MaxAttempts": 100},
        )


def deployed_function(target: Target) -> Function:
    """Return the stage's function, which may not exist yet."""
    return Function(
        target.client("lambda", Config(read_timeout=COMMAND_SECONDS)),
        target.stage.function_name,
        polling_seconds=target.polling_seconds,
    )


def environment_of(configuration: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables in a function's configuration."""
    variables: dict[str, str] = configuration.get("Environment", {}).get("Variables", {})
    return variables


def has_snapshots(configuration: Mapping[str, Any]) -> bool:
    """Return whether a version starts from a snapshot; of $LATEST, whether new versions will."""
    applies: str | None = configuration.get("SnapStart", {}).get("ApplyOn")
    return applies == _PUBLISHED


def require_room(variables: Mapping[str, str]) -> None:
    """Raise InfraError where Lambda would refuse the variables for their size.

    Lambda measures them as JSON, and quotes all of them in its error, secrets included.
    """
    size = len(json.dumps(dict(variables), separators=(",", ":"), ensure_ascii=False).encode())
    if size > ENVIRONMENT_BYTES:
        raise InfraError(
            f"The function's variables take {size} bytes; Lambda allows {ENVIRONMENT_BYTES}. "
            "Shorten the stage's [NAME.environment] in infra/stages.toml, or remove former keys "
            "from its secret in Secrets Manager."
        )
