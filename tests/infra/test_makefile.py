from __future__ import annotations

import os
import re
import socket
import subprocess
import sys

from infra.environments import ROOT
from infra.local.ports import LOOPBACK, free_port


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments, f"PYTHON={sys.executable}"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_make_alone_lists_every_target() -> None:
    targets = re.search(r"^\.PHONY: help (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets is not None
    done = make()
    assert done.returncode == 0
    assert set(re.findall(r"^make (\S+)", done.stdout, re.MULTILINE)) == set(targets[1].split())


def test_the_ports_that_make_is_given_are_the_ones_that_count() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        busy = other.getsockname()[1]
        variables = ("PORT", "LOCAL_AWS_PORT", "LOCAL_LOGIN_PORT")
        for taken in variables:
            ports = {variable: free_port() for variable in variables} | {taken: busy}
            done = make("run", *(f"{variable}={port}" for variable, port in ports.items()))
            assert done.returncode == 2
            assert f"error: Port {busy}" in done.stderr
