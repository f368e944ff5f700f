"""The application in several processes, which a release replaces while requests run."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.deploy.rotation.client_secrets import ClientSecrets
from infra.environments import APP, ROOT
from infra.local.django import process_environment
from infra.local.ports import free_port, is_answering
from infra.processes import Child

SECRET = "gatehouse/bench"
# How long a process may take to start, while the sessions use all of the processor.
_SECONDS = 300.0


@dataclass
class Fleet:
    """What `infra.deploy.rotation.place.Place` describes, with processes of this machine.

    Attributes:
        variables: of the application that answers requests.
        wait_for_all: returns when every session has sent requests since it was called.
        overlap_seconds: for how long processes of both releases answer.
    """

    manager: Any
    client_secrets: ClientSecrets
    directory: Path
    variables: dict[str, str]
    wait_for_all: Callable[[], None]
    processes: int = 2
    overlap_seconds: float = 2.0
    servers: list[tuple[int, Child]] = field(default_factory=list)
    releases: int = 0

    def port(self) -> int:
        """Return the port of any process, as a load balancer does."""
        return random.choice(self.servers)[0]  # noqa: S311 - no secret

    def start(self) -> None:
        self.servers = self._started(self.variables)

    def stop(self) -> None:
        for _, child in self.servers:
            child.stop(seconds=5)

    def read(self) -> dict[str, str]:
        stored: dict[str, str] = json.loads(
            self.manager.get_secret_value(SecretId=SECRET)["SecretString"]
        )
        return stored

    def write(self, stored: Mapping[str, str]) -> None:
        self.manager.put_secret_value(SecretId=SECRET, SecretString=json.dumps(dict(stored)))

    def live(self) -> Mapping[str, str]:
        return self.variables

    def release(self, variables: Mapping[str, str]) -> None:
        """Start the new processes, let both kinds answer for a while, and stop the former ones."""
        former, self.variables = self.servers, dict(variables)
        started = self._started(self.variables)
        self.servers = [*former, *started]
        time.sleep(self.overlap_seconds)
        self.servers = started
        # The former processes still answer the requests that they have received.
        time.sleep(self.overlap_seconds)
        for _, child in former:
            child.stop(seconds=5)
        self.releases += 1

    def settle(self) -> None:
        self.wait_for_all()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def _started(self, variables: Mapping[str, str]) -> list[tuple[int, Child]]:
        environment = process_environment(variables) | {
            "DJANGO_SETTINGS_MODULE": "bench.rotate.settings"
        }
        with ExitStack() as failed:
            servers = []
            for number in range(self.processes):
                port = free_port()
                child = Child.start(
                    "The application",
                    [APP.python, "-m", "bench.rotate.server", str(port)],
                    log=self.directory / f"app-{self.releases}-{number}.log",
                    environment=environment,
                    directory=ROOT,
                )
                failed.callback(child.stop, seconds=5)
                servers.append((port, child))
            for port, child in servers:
                child.wait_until(lambda port=port: _answers(port), seconds=_SECONDS)  # type: ignore[misc] # mypy cannot type the default
            failed.pop_all()
        return servers


def _answers(port: int) -> bool:
    with suppress(OSError):
        return is_answering(port, "/healthz")
    return False
