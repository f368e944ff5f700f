"""Run `python -m infra local run` with its own ports and directory."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.environments import ROOT
from infra.local import environment_file
from infra.local.home import Home
from infra.local.ports import LOOPBACK, free_port

pytestmark = pytest.mark.ministack

START_SECONDS = 60.0
STOP_SECONDS = 15.0


class Run:
    """A `local run` on its own ports, with its output in the file `output`."""

    def __init__(self, directory: Path) -> None:
        self.home = Home(directory / "home")
        self.output = directory / "output"
        self.port, self.aws_port, self.login_port = free_port(), free_port(), free_port()

    def start(self) -> subprocess.Popen[str]:
        ports = [f"--port={self.port}", f"--aws-port={self.aws_port}"]
        ports += [f"--login-port={self.login_port}"]
        with self.output.open("w") as output:
            return subprocess.Popen(
                self._command("local", "run", *ports),
                cwd=ROOT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def call(self, *arguments: str, **environment: str) -> str:
        """Run a command for this run, and return its output."""
        done = subprocess.run(
            self._command(*arguments),
            cwd=ROOT,
            env=self._environment() | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "infra", *arguments, "--home", str(self.home.directory)]

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "TEST_RUN": str(self.home.directory)}

    @contextmanager
    def up(self) -> Iterator[subprocess.Popen[str]]:
        process = self.start()
        try:
            wait_until(lambda: " runs at http" in self.output.read_text(), process, self.output)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            finally:
                process.kill()
                self.wait_until_gone()

    def wait_until_gone(self) -> None:
        wait_until(lambda: not self.processes(), None, self.output, seconds=STOP_SECONDS)

    def processes(self) -> list[int]:
        """Return the processes of this run, by their environment variables."""
        mark = os.fsencode(self.home.directory)
        found = []
        for directory in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (directory / "environ").read_bytes():
                    found.append(int(directory.name))
            except OSError:
                continue  # the process has ended, or is unreadable
        return found

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"Host": f"localhost:{self.port}"} | headers)
            answer = connection.getresponse()
            return answer.status, answer.read(100_000)
        finally:
            connection.close()


def wait_until(
    condition: Callable[[], bool],
    process: subprocess.Popen[str] | None,
    output: Path,
    seconds: float = START_SECONDS,
) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert process is None or process.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.05)


def assert_free(*ports: int) -> None:
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_run_accepts_its_tokens_and_keeps_users_over_a_restart(run: Run) -> None:
    with run.up() as process:
        banner = run.output.read_text()
        assert f"http://localhost:{run.port}/admin/" in banner  # only with console
        assert "operator@example.com" in banner
        assert f"http://localhost:{run.login_port}/mailbox" in banner
        environment = environment_file.read(run.home.environment_file)
        token = run.call("token", "--user", "user@example.com")
        status, body = run.get("/api/v1/me", Authorization=f"Bearer {token}")
        assert (status, json.loads(body)["kind"]) == (200, "user")
        assert run.get("/api/v1/me")[0] == 401
        assert "--machine" in banner
        machine = run.call("token", "--machine")
        status, body = run.get("/api/v1/me", Authorization=f"Bearer {machine}")
        assert (status, json.loads(body)["kind"]) == (200, "machine")
        path = "/api/v1/notes"  # only with notes
        assert run.get(path, Authorization=f"Bearer {machine}")[0] == 200  # only with notes
        new_user = ("added@example.com", "--group", "operators")
        password = {"GATEHOUSE_PASSWORD": "added-by-a-developer"}
        run.call("users", "create", *new_user, **password)

        process.send_signal(signal.SIGINT)
        assert process.wait(STOP_SECONDS) == 0
        assert run.processes() == []
        assert_free(run.port, run.aws_port, run.login_port)

    run.port = free_port()
    with run.up() as process:
        again = environment_file.read(run.home.environment_file)
        assert again["COGNITO_USER_POOL_ID"] == environment["COGNITO_USER_POOL_ID"]
        assert again["COGNITO_CLIENT_SECRET"] == environment["COGNITO_CLIENT_SECRET"]
        assert again["PUBLIC_URL"] == f"http://localhost:{run.port}"
        token = run.call("token", "--user", "added@example.com", **password)
        status, body = run.get("/api/v1/me", Authorization=f"Bearer {token}")
        assert (status, json.loads(body)["groups"]) == (200, ["operators"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0
        assert run.processes() == []


def test_killed_run_ends_its_child_processes_and_can_start_again(run: Run) -> None:
    with run.up() as process:
        process.send_signal(signal.SIGKILL)
        process.wait(STOP_SECONDS)
        run.wait_until_gone()
        assert_free(run.port, run.aws_port, run.login_port)
    with run.up() as process:
        assert run.call("token", "--user", "operator@example.com")
        process.send_signal(signal.SIGHUP)
        assert process.wait(STOP_SECONDS) == 0


def test_next_run_replaces_a_killed_local_aws(run: Run) -> None:
    with run.up() as process:
        first = environment_file.read(run.home.environment_file)["COGNITO_USER_POOL_ID"]
        aws = listener(run, "local_cognito.aws")
        os.kill(aws, signal.SIGKILL)
        assert process.wait(STOP_SECONDS) == 2
        assert "The local AWS (MiniStack) has ended (exit status -9)" in run.output.read_text()
        assert run.processes() == []
    with run.up():
        second = environment_file.read(run.home.environment_file)["COGNITO_USER_POOL_ID"]
        assert second != first
        assert run.call("token", "--user", "user@example.com")


def test_end_of_the_hosted_ui_ends_the_run_with_its_last_log_lines(run: Run) -> None:
    with run.up() as process:
        os.kill(listener(run, "local_cognito.login"), signal.SIGKILL)
        assert process.wait(STOP_SECONDS) == 2
        assert "The local hosted UI has ended (exit status -9)" in run.output.read_text()
        assert run.processes() == []


def listener(run: Run, program: str) -> int:
    """Return the process of this run that was started as `python -m program`."""
    (pid,) = (
        pid
        for pid in run.processes()
        if program in Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    )
    return pid


def test_second_run_in_the_same_directory_is_refused(run: Run) -> None:
    with run.up():
        second = Run(run.home.directory.parent)
        second.output = run.output.with_name("second")
        process = second.start()
        assert process.wait(STOP_SECONDS) == 2
        assert re.search(rf"in use by `make run` on port {run.port}", second.output.read_text())
        assert run.get("/healthz")[0] == 200


def test_busy_port_ends_the_run_with_one_line(run: Run) -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, run.port))
        other.listen()
        assert run.start().wait(STOP_SECONDS) == 2
    output = run.output.read_text()
    assert output.startswith(f"error: Port {run.port}, meant for the application, is not free")
    assert f"make run PORT={run.port + 1}" in output
    assert output.count("\n") == 1
    assert not run.home.directory.exists()
