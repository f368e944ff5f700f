from __future__ import annotations

import os
import re
import socket
import subprocess
import sys

import yaml

from infra.environments import ROOT
from infra.local.ports import LOOPBACK, free_port


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments, f"PYTHON={sys.executable}"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_make_without_a_target_lists_every_target() -> None:
    lines = re.findall(r"^\.PHONY: ([^#\n]+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    targets = {target for line in lines for target in line.split()} - {"help"}
    assert targets
    done = make()
    assert done.returncode == 0
    assert set(re.findall(r"^make (\S+)", done.stdout, re.MULTILINE)) == targets


def test_make_run_uses_the_given_ports() -> None:
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


def test_arguments_of_make_override_ports_of_the_environment() -> None:
    done = make("--dry-run", "run", "PORT=8001", PORT="8002", LOCAL_AWS_PORT="4570")
    assert "--port 8001 --aws-port 4570" in done.stdout


def test_make_passes_options_to_the_local_deployment() -> None:
    done = make("--dry-run", "deploy-local", "ARGS=--with all")
    assert done.stdout.rstrip().endswith("--login-port 4567 --with all")


def test_make_lint_checks_every_template() -> None:
    done = make("--dry-run", "lint")
    assert re.search(r"/cfn-lint$(?s:.)+/checkov$", done.stdout, re.MULTILINE)
    cfn_lint, checkov = (
        yaml.safe_load((ROOT / name).read_text()) for name in (".cfnlintrc", ".checkov.yaml")
    )
    templates = {
        file
        for file in (ROOT / "infra").rglob("*.*")
        if file.suffix in {".yaml", ".yml", ".json", ".template"}
        and "AWSTemplateFormatVersion" in file.read_text()
    }
    assert templates
    assert templates <= {file for pattern in cfn_lint["templates"] for file in ROOT.glob(pattern)}
    assert checkov["directory"] == ["infra"]


def test_every_exception_of_the_template_linters_has_a_reason() -> None:
    for name in (".cfnlintrc", ".checkov.yaml"):
        options = yaml.safe_load((ROOT / name).read_text())
        assert not {"ignore_checks", "skip-check", "skip-path", "soft-fail"} & options.keys()
    for template in (ROOT / "infra").rglob("*.yaml"):
        for line in template.read_text().splitlines():
            if "checkov:skip" in line:
                assert re.search(r"# checkov:skip=CKV2?_[A-Z]+_\d+:\w.{20,}\.$", line), line


def test_same_versions_of_python_are_named_everywhere() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yaml").read_text())
    versions = workflow["jobs"]["make"]["strategy"]["matrix"]["python"]
    candidates = re.search(r"CANDIDATES = (.+)", (ROOT / "infra/__main__.py").read_text())
    others = re.search(r"for version in (.+); do", (ROOT / ".ci/run").read_text())
    assert candidates is not None
    assert others is not None
    assert versions == re.findall(r"python([\d.]+)", candidates[1])
    assert versions == ["3.11", *reversed(others[1].split())]
