"""Run MiniStack, the local AWS, as a subprocess on loopback.

https://pypi.org/project/ministack/. MiniStack has its own process, because it reads its settings
at import, and its own virtual environment, because its Lambda functions see its site-packages.
"""

from __future__ import annotations

import http.client
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config

from infra.aws.client_config import client_config
from infra.environments import MINISTACK, ROOT
from infra.errors import ChildDied, InfraError, PortBusy
from infra.local.ports import LOOPBACK, free_port, require_free
from infra.processes import Child

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

REGION = "eu-west-1"
ACCESS_KEY_ID = "test"
SECRET_ACCESS_KEY = "test"  # noqa: S105 - MiniStack accepts no other pair, and nothing else accepts it

# Lambda functions start three times as fast from a RAM disk, but the 64 MB that a container has by
# default are too small for one unpacked bundle.
_RAM_DISK = Path("/dev/shm")  # noqa: S108 - checked for room, and used through private directories
_RAM_DISK_MINIMUM_BYTES = 2 * 1024**3

_START_SECONDS = 30.0
_STOP_SECONDS = 8.0
_START_ATTEMPTS = 3


def scratch_parent() -> Path:
    """Return the directory for MiniStack's temporary files."""
    with suppress(OSError):
        if shutil.disk_usage(_RAM_DISK).free >= _RAM_DISK_MINIMUM_BYTES and os.access(
            _RAM_DISK, os.W_OK
        ):
            return _RAM_DISK
    return Path(tempfile.gettempdir())


def cognito_client(endpoint_url: str) -> CognitoIdentityProviderClient:
    """Return a client for the user pools of the MiniStack at that address."""
    return _session().client("cognito-idp", endpoint_url=endpoint_url, config=_config())


class MiniStack:
    """A running MiniStack, on a port of loopback."""

    def __init__(self, port: int, child: Child) -> None:
        self.port = port
        self.child = child

    @property
    def endpoint_url(self) -> str:
        """The address that boto3 calls (AWS_ENDPOINT_URL)."""
        return f"http://{LOOPBACK}:{self.port}"

    def cognito(self) -> CognitoIdentityProviderClient:
        return cognito_client(self.endpoint_url)

    def cloudformation(self) -> CloudFormationClient:
        return _session().client("cloudformation", endpoint_url=self.endpoint_url, config=_config())

    def secretsmanager(self) -> Any:
        return _session().client("secretsmanager", endpoint_url=self.endpoint_url, config=_config())

    def reset(self) -> None:
        """Delete everything, including the saved state."""
        status = _request(self.port, "POST", "/_ministack/reset", timeout_seconds=10)
        if status != http.HTTPStatus.OK:
            raise InfraError(f"The local AWS did not reset itself. Read {self.child.log}.")

    @classmethod
    @contextmanager
    def started(
        cls,
        *,
        port: int | None = None,
        state_dir: Path | None = None,
        scratch: Path | None = None,
        log: Path | None = None,
        log_level: str = "WARNING",
    ) -> Iterator[MiniStack]:
        """Run MiniStack during the block, which starts when MiniStack answers.

        Args:
            port: None picks a free port.
            state_dir: Where MiniStack keeps its state over restarts. None keeps nothing.
            scratch: An empty directory for temporary files, deleted at the end. None makes one.
            log: A file for the output. None puts it among the temporary files.
            log_level: "DEBUG" logs every request, and much of its content.

        Raises:
            PortBusy, ChildDied: MiniStack did not start.
            InfraError: Its virtual environment is missing.
        """
        if not MINISTACK.python.exists():
            raise InfraError("The local AWS is not installed yet. Run `make setup`.")
        scratch = scratch or Path(tempfile.mkdtemp(prefix="local-aws-", dir=scratch_parent()))
        try:
            log = log or scratch / "ministack.log"
            ministack = cls._start(port, state_dir, scratch, log, log_level)
            try:
                yield ministack
            finally:
                ministack.child.stop(seconds=_STOP_SECONDS)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    @classmethod
    def _start(
        cls, port: int | None, state_dir: Path | None, scratch: Path, log: Path, log_level: str
    ) -> MiniStack:
        if port is not None:
            return cls._start_on(port, state_dir, scratch, log, log_level)
        for _ in range(_START_ATTEMPTS - 1):
            # Another program may take the port before MiniStack listens on it.
            with suppress(PortBusy, ChildDied):
                return cls._start_on(free_port(), state_dir, scratch, log, log_level)
        return cls._start_on(free_port(), state_dir, scratch, log, log_level)

    @classmethod
    def _start_on(
        cls, port: int, state_dir: Path | None, scratch: Path, log: Path, log_level: str
    ) -> MiniStack:
        require_free(port, purpose="the local AWS", remedy=f"make run LOCAL_AWS_PORT={port + 1}")
        child = Child.start(
            "The local AWS (MiniStack)",
            [MINISTACK.python, "-m", "local_cognito.aws"],
            log=log,
            environment=_environment(port, state_dir, scratch) | {"LOG_LEVEL": log_level},
            directory=ROOT,
        )
        try:
            child.wait_until(lambda: _is_ready(port), seconds=_START_SECONDS)
        except BaseException:
            child.stop(seconds=_STOP_SECONDS)
            raise
        return cls(port, child)


def _config() -> Config:
    # A proxy would look for localhost on its own machine.
    return client_config().merge(Config(proxies={}))


@cache
def _session() -> boto3.Session:
    # The developer's AWS profile and configuration are for the real AWS.
    without_profile = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return boto3.Session(
        botocore_session=botocore.session.Session(session_vars=without_profile),
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
        region_name=REGION,
    )


def _environment(port: int, state_dir: Path | None, scratch: Path) -> dict[str, str]:
    """Return the variables. Only PATH is inherited, so that MiniStack sees no AWS credentials."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": LOOPBACK,
        "MINISTACK_REGION": REGION,
        # Without AUTH, secret hashes, auth flows and token signatures go unchecked.
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        # These two services would listen on all interfaces.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_ACCOUNT_CONCURRENCY": "8",
        "PYTHONUNBUFFERED": "1",
    }
    if state_dir is not None:
        environment |= {
            "PERSIST_STATE": "1",
            "STATE_DIR": str(state_dir),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(state_dir / "s3"),
        }
    return environment


def _is_ready(port: int) -> bool:
    try:
        return _request(port, "GET", "/_ministack/ready", timeout_seconds=2) == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False


def _request(port: int, method: str, path: str, *, timeout_seconds: float) -> int:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout_seconds)
    try:
        connection.request(method, path)
        return connection.getresponse().status
    finally:
        connection.close()
