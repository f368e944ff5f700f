"""The packages of the bundle for each runtime and architecture of Lambda."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra.deploy.bundle.packages import HERE, Runtime, interpreter, wanted_requirements
from infra.deploy.stage.stage import ARCHITECTURES, RUNTIMES
from infra.errors import InfraError
from infra.setup import uv


def test_python_that_is_missing_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert interpreter(HERE.name) == sys.executable
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InfraError, match=r"no python3\.8(?s:.)*Install it(?s:.)*stages\.toml"):
        interpreter("python3.8")


def test_launcher_of_another_python_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    launcher = tmp_path / "python3.8"
    launcher.write_text("#!/bin/sh\necho 'not active' >&2; exit 127\n")
    launcher.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InfraError, match="this machine has no"):
        interpreter("python3.8")


def test_another_python_compiles_for_its_runtime(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    launcher = tmp_path / "python3.99"
    launcher.write_text("#!/bin/sh\necho python3.99\n")
    launcher.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert interpreter("python3.99") == str(launcher)


def test_platforms_are_those_of_the_runtime() -> None:
    assert Runtime("python3.11", "x86_64").platforms == (
        "manylinux2014_x86_64",
        "manylinux_2_26_x86_64",
        "any",
    )
    newest = Runtime("python3.13", "arm64")
    assert "manylinux_2_34_aarch64" in newest.platforms
    assert newest.cached_name("a/b.py") == "a/__pycache__/b.cpython-313.pyc"


@pytest.mark.parametrize(
    ("runtime", "architecture"),
    [
        (runtime, architecture)
        for runtime in RUNTIMES
        for architecture in ARCHITECTURES
        if (runtime, architecture) != ("python3.11", "arm64")
    ],
)
def test_locked_packages_exist_for_each_runtime(
    runtime: str, architecture: str, tmp_path: Path
) -> None:
    """Only the index is asked, nothing is downloaded. Hashes must match."""
    said = installed(Runtime(runtime, architecture), tmp_path, "--dry-run")
    assert "cryptography" in said
    assert "psycopg-binary" in said


def installed(runtime: Runtime, directory: Path, *options: str) -> str:
    """Install the packages of the bundle into `target` of the directory. Return uv's output."""
    file = directory / "requirements.txt"
    file.write_text(wanted_requirements())
    machine = "aarch64" if runtime.architecture == "arm64" else runtime.architecture
    glibc = "manylinux2014" if runtime.name == "python3.11" else "manylinux_2_34"
    command: list[str | Path] = [uv.program(), "pip", "install", *options]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:"]
    command += ["--python-version", runtime.name.removeprefix("python")]
    command += ["--python-platform", f"{machine}-{glibc}"]
    command += ["--target", directory / "target", "-r", file]
    done = subprocess.run(
        command,
        env=uv.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_libraries_of_the_default_runtime_are_for_its_processor_and_its_system(
    tmp_path: Path,
) -> None:
    """Amazon Linux 2023 has glibc 2.34. No arm64 runs here, so the headers must do."""
    installed(Runtime("python3.13", "arm64"), tmp_path)
    libraries = [
        content
        for file in (tmp_path / "target").rglob("*.so*")
        if (content := file.read_bytes()).startswith(b"\x7fELF")
    ]
    assert len(libraries) > 10
    # `e_machine` of the ELF header: 183 is AArch64.
    assert {int.from_bytes(content[18:20], "little") for content in libraries} == {183}
    needed = {int(minor) for each in libraries for minor in re.findall(rb"GLIBC_2\.(\d+)", each)}
    assert max(needed) <= 34
