"""Interrupt a deployment at each of its AWS calls.

Every kind of call is refused once. In addition, for every call that changes something, one run ends
after the call was sent and before its response arrives, as if the process was killed. The next run
starts from the resulting state.
"""

from __future__ import annotations

import io
import json
import os
import re
import threading
import time
import zipfile
from collections.abc import Callable, Mapping
from contextlib import chdir, redirect_stdout
from pathlib import Path
from typing import Any, ClassVar

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError
from zappa.cli import ZappaCLI
from zappa.core import Zappa

from infra.aws.aws_errors import CORRECT, advice_in
from infra.aws.template import load_template
from infra.deploy import deployment
from infra.deploy.bundle.bundle import Bundle, read_bundle
from infra.deploy.function.platform import Platform
from infra.deploy.stage.target import Target
from infra.deploy.step import Run, Step, told
from infra.deploy.user_pool import user_pool
from infra.deploy.user_pool.user_pool import UserPool
from infra.deploy.zappa import function_code, zappa_cli
from infra.errors import ChildDied, InfraError

READS = ("Describe", "Get", "Head", "List")

# A bundle that starts in milliseconds. It has only the responses that a deployment checks.
HANDLER = """
import json, os

def handler(event, context):
    if "manage" in event:
        return {"output": ""}
    public, domain = os.environ["PUBLIC_URL"], os.environ["COGNITO_DOMAIN"]
    client = os.environ["COGNITO_CLIENT_ID"]
    status, headers, body = {
        "/readyz": (200, {}, "{}"),
        "/api/v1/me": (401, {}, json.dumps({"code": "not_authenticated"})),
        "/accounts/login/": (302, {"Location": [
            f"{domain}/oauth2/authorize?client_id={client}"
            f"&redirect_uri={public}/accounts/callback/"]}, ""),
    }[event["path"]]
    return {"statusCode": status, "multiValueHeaders": headers, "body": body}
"""


def small_bundle(directory: Path, text: str = HANDLER) -> Bundle:
    file = directory / "small.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("project/__init__.py"), "")
        archive.writestr(zipfile.ZipInfo("project/lambda_entry.py"), text)
    return read_bundle(file)


def make_function(target: Target, bundle: Bundle) -> None:
    """Create the function of the stage as Zappa does."""
    policy = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = target.client("iam").create_role(
        RoleName="function", AssumeRolePolicyDocument=json.dumps({"Statement": [policy]})
    )["Role"]["Arn"]
    target.client("lambda").create_function(
        FunctionName=target.stage.function_name,
        Runtime="python3.13",
        Handler="project.lambda_entry.handler",
        Role=role,
        Code={"ZipFile": bundle.path.read_bytes()},
        Publish=True,
    )


class Killed(BaseException):
    """The simulated end of the process."""


class Interruptions:
    """Interrupts each AWS call in every possible way.

    A refused call changes nothing, so its step starts again in the same run. A call whose response
    is not received changes the state of AWS, so the whole command starts again.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.interrupted: set[str] = set()
        self.now = ""
        self._stack = ""
        self._active = False
        # Every boto3 call uses this method. The hooks of boto3 cannot stop a call as Ctrl-C does.
        self._original: Any = BaseClient._make_api_call  # type: ignore[attr-defined] # noqa: SLF001

        def call(client: BaseClient, operation: str, parameters: Mapping[str, Any]) -> Any:
            return self._call(client, operation, parameters)

        monkeypatch.setattr(BaseClient, "_make_api_call", call)
        steps = tuple(_RepeatedStep(step, self) for step in deployment.STEPS)
        monkeypatch.setattr(deployment, "STEPS", steps)

    def sweep(self, command: Callable[[], object], settle: Callable[[], None]) -> int:
        """Run the command until every call was interrupted. Return the number of interruptions."""
        self.interrupted.clear()
        while True:
            self.now = self._stack = ""
            self._active = True
            try:
                command()
            except Killed:
                assert self.now.endswith("unseen")
            except InfraError as error:
                self.require_advice(error)
            else:
                assert not self.now, (
                    f"the command ended although this call was interrupted: {self.now}"
                )
                return len(self.interrupted)
            finally:
                self._active = False
            settle()

    def require_advice(self, error: InfraError) -> None:
        assert self.now, f"the command failed without an interruption: {error}"
        assert "run the same command again" in str(error), (self.now, error)

    def _call(self, client: BaseClient, operation: str, parameters: Mapping[str, Any]) -> Any:
        if not self._active:
            return self._original(client, operation, parameters)
        self._stack = re.sub("^arn:.*?/|/.*", "", str(parameters.get("StackName") or self._stack))
        if not self.now:
            kind = f"{client.meta.service_model.service_name}:{operation} {_who()}"
            for point in self._points(kind, operation, parameters):
                if point not in self.interrupted:
                    self.now = point
                    self.interrupted.add(point)
                    return self._interrupt(client, operation, parameters)
        return self._original(client, operation, parameters)

    def _points(self, kind: str, operation: str, parameters: Mapping[str, Any]) -> list[str]:
        """Return the ways to interrupt a call.

        A refusal changes no state, so it is tested once for each kind of call.
        """
        is_read = operation.startswith(READS)
        if _who() and (is_read or operation in {"DeleteObject", "PutObject"}):
            # Zappa ignores some of these refusals and would continue.
            return []
        refused = [f"{kind} refused"]
        return refused if is_read else [*refused, f"{kind} {self._about(parameters)} unseen"]

    def _interrupt(self, client: BaseClient, operation: str, parameters: Mapping[str, Any]) -> Any:
        if self.now.endswith("unseen"):
            try:
                self._original(client, operation, parameters)
            except ClientError:
                # AWS changed nothing, for example because there was nothing to change.
                self.now = ""
                raise
            if threading.current_thread() is threading.main_thread():
                raise Killed
            raise ConnectionClosedError(endpoint_url="x")
        # Use each kind of AWS error in turn.
        kind = len(self.interrupted) % 4
        if kind == 0:
            raise EndpointConnectionError(endpoint_url="x")
        code, status = [("AccessDenied", 403), ("ExpiredToken", 403), ("Throttling", 400)][kind - 1]
        raise ClientError(
            {
                "Error": {"Code": code, "Message": "refused by the test"},
                "ResponseMetadata": {"HTTPStatusCode": status},  # type: ignore[typeddict-item] # the other members are not needed
            },
            operation,
        )

    def _about(self, parameters: Mapping[str, Any]) -> str:
        """Return the names in the parameters, without their random parts."""
        names = [
            str(parameters[key])
            for key in ("FunctionName", "Name", "Qualifier", "LogicalResourceId", "SecretId")
            if key in parameters
        ]
        return re.sub(r"[0-9a-f-]{12,}", "*", " ".join([self._stack, *names]))


class _RepeatedStep(Step):
    """A step that starts again after each refused call."""

    def __init__(self, step: Step, interruptions: Interruptions) -> None:
        self.name = step.name
        self._step = step
        self._interruptions = interruptions

    def apply(self, run: Run) -> list[str]:
        return self._repeat(lambda: self._step.apply(run))

    def destroy(self, target: Target) -> list[str]:
        return self._repeat(lambda: self._step.destroy(target))

    def _repeat(self, action: Callable[[], list[str]]) -> list[str]:
        interruptions = self._interruptions
        while True:
            interruptions.now = ""
            try:
                with told(self.name):
                    lines = action()
            except InfraError as error:
                interruptions.require_advice(error)
                if interruptions.now.endswith("unseen"):
                    # A thread of boto3 cannot be killed, so its call fails instead.
                    raise
            else:
                assert not interruptions.now, (
                    f"the step ended although this call was interrupted: {interruptions.now}"
                )
                return lines


def _who() -> str:
    return "Zappa" if "ZAPPA_RUNS" in os.environ else ""


def zappa_in_process(
    what: str,
    arguments: list[str],
    *,
    directory: Path,
    log: Path,
    settings: Path,
    environment: Mapping[str, str],
) -> None:
    """Run the real Zappa in this process, so that its calls can be interrupted too."""
    del what, log
    with pytest.MonkeyPatch.context() as patch, chdir(directory), redirect_stdout(io.StringIO()):
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setenv("ZAPPA_RUNS", "1")
        patch.setattr("zappa.core.boto3.Session", _Session)
        patch.setattr(ZappaCLI, "check_for_update", zappa_cli.skip_update_check)
        patch.setattr(Zappa, "update_stack", zappa_cli.update_or_create_stack)
        patch.setattr(Zappa, "boto_client", zappa_cli.boto_client)
        try:
            ZappaCLI().handle([*arguments, "-s", str(settings)])
        except (Exception, SystemExit) as error:
            advice = advice_in(str(error)) or CORRECT
            raise ChildDied(
                f"Zappa failed: {error!r}\n{advice} Then run the same command again."
            ) from error


class _Session:
    """A boto3 session that reuses clients.

    Creating clients takes longer than all calls of Zappa together.
    """

    _clients: ClassVar[dict[tuple[str, str], Any]] = {}

    def __init__(self, **options: Any) -> None:
        self._session = boto3.session.Session(**options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def client(self, service: str, *arguments: Any, **options: Any) -> Any:
        key = (service, os.environ["AWS_ENDPOINT_URL"])
        if key not in self._clients:
            self._clients[key] = self._session.client(service, *arguments, **options)  # type: ignore[call-overload] # any service
        return self._clients[key]


def as_json(template: Path, directory: Path) -> Path:
    """Return the template as JSON, which the local AWS reads much faster than YAML."""

    def with_lists(node: Any) -> Any:
        """Convert the arguments of `GetAtt`, which must be lists in JSON."""
        if isinstance(node, list):
            return [with_lists(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {
            key: item.split(".", 1)
            if key == "Fn::GetAtt" and isinstance(item, str)
            else with_lists(item)
            for key, item in node.items()
        }

    file = directory / f"{template.stem}.json"
    file.write_text(json.dumps(with_lists(load_template(template)), default=str), "utf-8")
    return file


def hurry(monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
    """Shorten all waits for the local AWS, and write templates as JSON to `directory`."""
    for step in (UserPool, Platform):
        monkeypatch.setattr(step, "template", as_json(step.template, directory))
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: sleep(min(seconds, 0.01)))
    monkeypatch.setattr(function_code, "zappa", zappa_in_process)
    # This check does not call AWS, and takes long for each run.
    monkeypatch.setattr(user_pool, "check", lambda *_: None)
    clients: dict[tuple[str, str, bool], Any] = {}
    original = Target.client

    def kept(target: Target, service: str, config: Config | None = None) -> Any:
        key = (target.variables["AWS_ENDPOINT_URL"], service, config is not None)
        if key not in clients:
            clients[key] = original(target, service, config)
        return clients[key]

    monkeypatch.setattr(Target, "client", kept)


def settled(target: Target) -> None:
    """Wait until no stack is being changed, as the error message tells the deployer."""
    cloudformation = target.client("cloudformation")
    deadline = time.monotonic() + 10
    while any(
        stack["StackStatus"].endswith("_IN_PROGRESS")
        and stack["StackStatus"] != "REVIEW_IN_PROGRESS"
        for stack in cloudformation.list_stacks()["StackSummaries"]
    ):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def counts(things: Mapping[str, list[str]]) -> str:
    return json.dumps({kind: len(names) for kind, names in things.items()})
