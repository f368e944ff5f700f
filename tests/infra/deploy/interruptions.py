"""A deployment that is interrupted at each of its calls of AWS, one run after the other.

Every kind of call is refused once, and every call that changes something is sent once without its
answer being seen, as when the process is killed. The next run has to get further. So each state
that an interruption can leave is one that a run starts from.
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
from infra.deploy.bundle.bundle import Bundle, described
from infra.deploy.stage.target import Target
from infra.deploy.user_pool import user_pool
from infra.deploy.zappa import zappa_cli
from infra.errors import ChildDied, InfraError

READS = ("Describe", "Get", "Head", "List")

# A bundle that starts in milliseconds. What it answers is what the deployment looks at.
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
    return described(file)


def make_function(target: Target, bundle: Bundle) -> None:
    """As Zappa makes the stage's function."""
    policy = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = target.client("iam").create_role(
        RoleName="function", AssumeRolePolicyDocument=json.dumps({"Statement": [policy]})
    )["Role"]["Arn"]
    target.client("lambda").create_function(
        FunctionName=target.stage.function_name,
        Runtime="python3.11",
        Handler="project.lambda_entry.handler",
        Role=role,
        Code={"ZipFile": bundle.path.read_bytes()},
        Publish=True,
    )


class Killed(BaseException):
    """The process ends here."""


class Interruptions:
    """Interrupts one call a run, which was not interrupted in the same way before."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.interrupted: set[str] = set()
        self.now: str | None = None
        self._stack = ""
        self._active = False
        # Every call of boto3 goes through it, and no hook of boto3 can end one as Ctrl-C does.
        self._original: Any = BaseClient._make_api_call  # type: ignore[attr-defined] # noqa: SLF001

        def call(client: BaseClient, operation: str, parameters: Mapping[str, Any]) -> Any:
            return self._call(client, operation, parameters)

        monkeypatch.setattr(BaseClient, "_make_api_call", call)

    def sweep(self, run: Callable[[], object], settle: Callable[[], None]) -> int:
        """Run until nothing is left to interrupt; returns how many runs that took."""
        runs = 0
        while True:
            self.now = None
            self._stack = ""
            self._active = True
            runs += 1
            try:
                run()
                said = ""
            except Killed:
                said = "killed"
            except InfraError as error:
                said = str(error)
            finally:
                self._active = False
            point = self._point()
            if not said and not point:
                return runs
            assert point, f"not interrupted, and yet: {said}"
            assert said, f"interrupted, and yet at its end: {point}"
            if said != "killed":
                assert "run the same command again" in said, (point, said)
            settle()

    def _point(self) -> str:
        return self.now or ""

    def _call(self, client: BaseClient, operation: str, parameters: Mapping[str, Any]) -> Any:
        if not self._active:
            return self._original(client, operation, parameters)
        self._stack = re.sub("^arn:.*?/|/.*", "", str(parameters.get("StackName") or self._stack))
        if self.now is None:
            kind = f"{client.meta.service_model.service_name}:{operation} {_who()}"
            for point in self._points(kind, operation, parameters):
                if point not in self.interrupted:
                    self.now = point
                    self.interrupted.add(point)
                    return self._interrupt(client, operation, parameters)
        return self._original(client, operation, parameters)

    def _points(self, kind: str, operation: str, parameters: Mapping[str, Any]) -> list[str]:
        """Ways to interrupt a call. Refused is the same state as before it, so once for a kind."""
        is_read = operation.startswith(READS)
        if _who() and (is_read or operation in {"DeleteObject", "PutObject"}):
            # Zappa passes over some of these refusals, and would go on uninterrupted.
            return []
        refused = [f"{kind} refused"]
        return refused if is_read else [*refused, f"{kind} {self._about(parameters)} unseen"]

    def _interrupt(self, client: BaseClient, operation: str, parameters: Mapping[str, Any]) -> Any:
        if self._point().endswith("unseen"):
            try:
                self._original(client, operation, parameters)
            except ClientError:
                # AWS changed nothing, for example because there was nothing to change.
                self.now = None
                raise
            if threading.current_thread() is threading.main_thread():
                raise Killed
            raise ConnectionClosedError(endpoint_url="x")
        # Each of the ways in which AWS refuses, in turn.
        kind = len(self.interrupted) % 4
        if kind == 0:
            raise EndpointConnectionError(endpoint_url="x")
        code, status = [("AccessDenied", 403), ("ExpiredToken", 403), ("Throttling", 400)][kind - 1]
        raise ClientError(
            {
                "Error": {"Code": code, "Message": "refused by the test"},
                "ResponseMetadata": {"HTTPStatusCode": status},  # type: ignore[typeddict-item] # enough of it
            },
            operation,
        )

    def _about(self, parameters: Mapping[str, Any]) -> str:
        """What is the same in each run: names without what is random in them."""
        names = [
            str(parameters[key])
            for key in ("FunctionName", "Name", "Qualifier", "LogicalResourceId", "SecretId")
            if key in parameters
        ]
        return re.sub(r"[0-9a-f-]{12,}", "*", " ".join([self._stack, *names]))


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
    """The real Zappa in this process, where its calls can be interrupted as well."""
    del what, log
    with pytest.MonkeyPatch.context() as patch, chdir(directory), redirect_stdout(io.StringIO()):
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setenv("ZAPPA_RUNS", "1")
        patch.setattr("zappa.core.boto3.Session", _Session)
        patch.setattr(ZappaCLI, "check_for_update", zappa_cli.ask_nobody)
        patch.setattr(Zappa, "update_stack", zappa_cli.update_or_create_stack)
        try:
            ZappaCLI().handle([*arguments, "-s", str(settings)])
        except (Exception, SystemExit) as error:
            advice = advice_in(str(error)) or CORRECT
            raise ChildDied(
                f"Zappa failed: {error!r}\n{advice} Then run the same command again."
            ) from error


class _Session:
    """boto3's, which makes each client once: that takes longer than all calls of Zappa together."""

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
    """The same template, which the local AWS reads many times as fast."""

    def with_lists(node: Any) -> Any:
        """`GetAtt` takes a text in YAML alone."""
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
    """Have everything wait as long as the local AWS takes. `directory`: for templates."""
    for name in ("COGNITO_TEMPLATE", "PLATFORM_TEMPLATE"):
        template: Path = getattr(deployment, name)
        monkeypatch.setattr(deployment, name, as_json(template, directory))
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: sleep(min(seconds, 0.01)))
    monkeypatch.setattr(deployment, "zappa", zappa_in_process)
    # Asks AWS nothing, and reads the whole template in each run.
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
    """Wait until no stack is being changed, as a deployer is told to."""
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
