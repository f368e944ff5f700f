"""The files from which the image is built, and those that run it."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.container.__main__ import SERVICES, remove_needless
from infra.environments import ROOT
from tests.infra.container.image import NAMES

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
# Packages of the application that only a deployment to Lambda, or the local stack, needs.
NOT_IN_THE_IMAGE = {"markupsafe", "pyyaml", "werkzeug", "zappa"}


def pinned(name: str) -> dict[str, str]:
    """Return the versions in a lock file."""
    text = (ROOT / name).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[a-z]+\])?==(\S+)", text, re.MULTILINE))


def direct(name: str) -> set[str]:
    """Return the packages that a requirements file names."""
    text = (ROOT / "requirements" / name).read_text("utf-8")
    return set(re.findall(r"^([a-z0-9-]+)(?=[\[=\s])", text, re.MULTILINE))


def test_image_has_the_packages_of_the_application() -> None:
    assert direct("container.in") == direct("runtime.in") - NOT_IN_THE_IMAGE | {"gunicorn"}


def test_packages_have_the_versions_of_every_other_environment() -> None:
    image, all_packages = pinned("requirements/container.txt"), pinned("requirements.txt")
    assert image.items() <= all_packages.items()
    assert "gunicorn" in image


def test_lock_file_has_a_file_for_each_platform_of_the_image() -> None:
    """Both processors, whose hashes `make requirements` writes for each package."""
    for name in ("cffi", "cryptography", "orjson", "psycopg-binary"):
        section = re.search(
            rf"^{name}==(?:.*\\\n)+",
            (ROOT / "requirements/container.txt").read_text(),
            re.MULTILINE,
        )
        assert section is not None
        assert section[0].count("--hash=") > 20, name


def test_dockerfile_uses_the_images_of_the_test() -> None:
    used = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert used == [NAMES[1], NAMES[0].removeprefix("docker.io/library/"), "python"]
    # Compiled packages belong to one version of Python and of Debian.
    assert "python3-debian13" in used[0]
    assert "3.13-slim-trixie" in used[1]


def test_dockerfile_installs_locked_packages_and_runs_as_another_user_than_root() -> None:
    for option in ("--require-hashes", "--only-binary=:all:", "--no-deps"):
        assert option in DOCKERFILE
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)[-1] == "65532:65532"
    # There is no shell that could run a command.
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    for name in ("RUN", "ENTRYPOINT", "CMD"):
        for command in re.findall(rf"^{name} (.+)", final, re.MULTILINE):
            assert json.loads(command)
    assert "HEALTHCHECK" in final


def test_no_secret_is_an_argument_or_a_variable_of_the_image() -> None:
    declared = re.findall(r"^(?:ARG|ENV) (.+)", DOCKERFILE, re.MULTILINE)
    assert declared
    assert not re.search("SECRET|KEY|PASSWORD|TOKEN|DATABASE", " ".join(declared))


def test_builder_gets_only_named_files() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "*"
    for rule in rules:
        if rule.startswith("!"):
            assert (ROOT / rule[1:]).exists(), rule
    named = {rule[1:] for rule in rules if rule.startswith("!")}
    assert not named & {".", ".git", ".venvs", ".local", ".deploy", "tests"}
    for copied in re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE):
        assert copied == "." or copied in named


@pytest.mark.parametrize("name", ["application", "migrate"])
def test_services_run_without_rights_and_with_a_read_only_root(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


def test_ports_are_published_on_loopback_only() -> None:
    for service in COMPOSE["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_one_service_migrates_before_the_application_starts() -> None:
    services = COMPOSE["services"]
    assert services["application"]["depends_on"]["migrate"] == {
        "condition": "service_completed_successfully"
    }
    assert services["migrate"]["restart"] == "no"
    assert "migrate" in services["migrate"]["command"]
    assert "migrate" not in services["application"]["command"]


def test_configuration_of_gunicorn_follows_the_limits_of_the_container(tmp_path: Path) -> None:
    configuration = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    quota = tmp_path / "cpu.max"
    cores = configuration["cores"]
    everything = cores(tmp_path / "missing")
    assert everything >= 1
    for text, expected in (("max 100000", everything), ("50000 100000", 1), ("100000 100000", 1)):
        quota.write_text(text)
        assert cores(quota) == expected
    assert configuration["workers"] == max(2, cores())


def test_number_of_workers_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "1")
    assert "workers" not in runpy.run_path(str(ROOT / "gunicorn.conf.py"))


def test_gunicorn_accepts_its_configuration(tmp_path: Path) -> None:
    """gunicorn itself reads the file and the environment that the Dockerfile sets."""
    shown = subprocess.run(
        [Path(subprocess.sys.executable), "-m", "gunicorn", "--print-config", "project.wsgi"],  # type: ignore[attr-defined]
        cwd=ROOT,
        env={"PORT": "8123", "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    lines = dict(re.findall(r"^(\w+) += (.*)$", shown.stdout, re.MULTILINE))
    assert lines["bind"] == "['0.0.0.0:8123']", shown.stderr
    assert lines["forwarded_allow_ips"] == "[]"
    assert lines["secure_scheme_headers"] == "{}"
    assert lines["control_socket_disable"] == "True"


def test_needless_files_are_removed(tmp_path: Path) -> None:
    kept = (
        "django/conf/locale/de/x.mo",
        "django/conf/locale/en/x.mo",
        "django/conf/locale/__init__.py",
        "botocore/data/cognito-idp/x.json",
        "botocore/data/endpoints.json",
        "a/b.py",
    )
    removed = (
        "bin/gunicorn",
        "django/conf/locale/fr/x.mo",
        "django/contrib/gis/x.py",
        "botocore/data/ec2/x.json",
        "a/tests/x.py",
        "a/b.pyi",
    )
    for name in (*kept, *removed):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    remove_needless(tmp_path, languages={"de"})
    found = {
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    }
    assert found == set(kept)


def test_every_service_that_the_application_calls_has_its_data() -> None:
    """botocore reads the data of a service when a client is made."""
    called = set()
    for folder in ("accounts", "api", "cognito", "project"):
        for path in (ROOT / folder).rglob("*.py"):
            called |= set(re.findall(r'\.client\(\s*"([a-z-]+)"', path.read_text("utf-8")))
    assert called
    assert called <= SERVICES
