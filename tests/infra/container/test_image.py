"""The image, built and run: the services of compose.yaml without Docker."""

from __future__ import annotations

import json
import os
import re
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import yaml

from infra.deploy.release.smoke import smoke_test
from infra.environments import ROOT
from infra.local import environment_file
from infra.local.demo import DEMO_PASSWORD, USER
from infra.local.ministack import scratch_parent
from infra.local.pool import application_environment
from infra.local.ports import free_port
from infra.local.postgresql import postgresql
from tests.infra.container.image import Container, Image, build, missing_tools, running
from tests.support.application import Stack

pytestmark = [
    pytest.mark.ministack,
    pytest.mark.skipif(
        os.geteuid() != 0 or bool(missing_tools()),
        reason="only root can build the image, with buildah and crun: apt-get install buildah crun",
    ),
]

MAXIMUM_BYTES = 150_000_000
UID = 65532
LEFT_TO_THE_SITE = ("DATABASE_URL", "DJANGO_DEBUG")
DOCKER_KILLS_AFTER_SECONDS = 10
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """A directory on a RAM disk if there is one, because images are copied several times."""
    with tempfile.TemporaryDirectory(prefix="image-", dir=scratch_parent()) as path:
        # The database and the application run as other users.
        Path(path).chmod(0o755)
        yield Path(path)


@pytest.fixture(scope="module")
def image(directory: Path) -> Image:
    return build(directory)


@dataclass(frozen=True)
class Site:
    """The running application of compose.yaml, and the variables that it got."""

    url: str
    container: Container
    variables: Mapping[str, str]

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.container.log.read_text().splitlines()]


# Returns the arguments of `running` for a service of compose.yaml on a port.
Service = Callable[[str, int], dict[str, Any]]


@pytest.fixture(scope="module")
def service(image: Image, directory: Path, stack: Stack) -> Iterator[Service]:
    """The services of a migrated database and a user pool."""
    with postgresql() as database_url:
        pool = directory / "pool"
        pool.mkdir()
        environment_file.write(pool / "env", variables_of(stack))
        os.chown(pool / "env", UID, UID)
        host = parse_qs(urlsplit(database_url).query)["host"][0]
        # The server's directory, which another user may enter without a name for its files.
        Path(host).chmod(0o711)
        with_database = {pool: "/pool", Path(host): "/database"}

        def service(name: str, port: int) -> dict[str, Any]:
            given = {key: str(value) for key, value in SERVICES[name]["environment"].items()}
            changed = {
                "DATABASE_URL": database_url.replace(host, "/database"),
                "PORT": str(port),
            }
            return {
                "command": SERVICES[name]["command"],
                "environment": given | changed,
                "mounts": with_database,
            }

        migration = service("migrate", stack.port)
        with running(image, directory, "migrate", **migration) as migrate:
            assert migrate.process.wait(timeout=90) == 0, migrate.log.read_text()[-3000:]
        yield service


@pytest.fixture(scope="module")
def site(image: Image, directory: Path, stack: Stack, service: Service) -> Iterator[Site]:
    options = service("application", stack.port)
    with running(image, directory, "application", **options) as application:
        wait_for(f"{stack.public_url}/healthz", application)
        yield Site(stack.public_url, application, variables_of(stack))


def variables_of(stack: Stack) -> dict[str, str]:
    """Return what `infra local pool` writes for a site."""
    variables = application_environment(
        stack.aws,
        stack.pool,
        public_url=stack.public_url,
        login_url=stack.login_url,
        database_url="",
    )
    return {name: variables[name] for name in variables if name not in LEFT_TO_THE_SITE}


def wait_for(url: str, container: Container) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if requests.get(url, timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        log = container.log.read_text()[-3000:]
        assert container.process.poll() is None, log
        assert time.monotonic() < deadline, log
        time.sleep(0.1)


def test_image_is_small(image: Image) -> None:
    assert image.size < MAXIMUM_BYTES


def test_image_runs_as_a_numbered_user_who_owns_no_file(image: Image) -> None:
    assert image.configuration["User"] == f"{UID}:{UID}"
    for path in (image.root / "app").rglob("*"):
        status = path.lstat()
        assert status.st_uid == 0, path
        assert path.is_symlink() or not status.st_mode & 0o022, path
        # On Lambda, the process is another user still.
        assert path.is_symlink() or status.st_mode & 0o004, path


def test_image_has_only_what_the_application_runs(image: Image) -> None:
    names = {path.name for path in (image.root / "app").iterdir()}
    assert names == {
        *(
            "LICENSE",
            "__pycache__",
            "gunicorn.conf.py",
            "manage.py",
            "packages",
            "static-collected",
        ),
        *("accounts", "api", "cognito", "locale", "project"),
    }
    for program in ("sh", "bash", "dash", "pip", "pip3", "apt", "apt-get"):
        assert not list(image.root.glob(f"usr/*bin/{program}")), program
    packages = {path.name for path in (image.root / "app/packages").iterdir()}
    assert not packages & {"pip", "setuptools", "zappa", "pytest", "ecdsa", "yaml", "bin"}


def test_image_contains_no_secret(image: Image) -> None:
    described = json.dumps(dict(image.configuration))
    for name in ("DJANGO_SECRET_KEY", "TOKEN_ENCRYPTION_KEYS", "DATABASE_URL"):
        assert name not in described
    assert not list((image.root / "app").rglob(".env*"))


def test_every_module_has_bytecode(image: Image) -> None:
    for folder in ("app", "usr/lib/python3.13"):
        modules = [
            path
            for path in (image.root / folder).rglob("*.py")
            if path.is_file() and path.stat().st_size
        ]
        assert len(modules) > 400
        for module in modules:
            compiled = module.parent / "__pycache__" / f"{module.stem}.cpython-313.pyc"
            assert compiled.exists() or "bad" in module.name, module


def test_site_passes_the_smoke_test(site: Site) -> None:
    smoke_test(site.url, site.variables)


def test_user_signs_in_and_no_secret_is_logged(site: Site) -> None:
    with requests.Session() as browser:
        browser.trust_env = False
        start = browser.get(f"{site.url}/accounts/login/", allow_redirects=False, timeout=10)
        asked = start.headers["Location"].replace("/oauth2/authorize", "/login", 1)
        form = {"username": USER.email, "password": DEMO_PASSWORD}
        back = browser.post(asked, data=form, allow_redirects=False, timeout=10)
        code = parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]
        home = browser.get(back.headers["Location"], timeout=10)
        assert home.status_code == 200
        profile = browser.get(f"{site.url}/accounts/profile/", timeout=10)
        assert USER.email in profile.text
        style = re.search(r'href="([^"]+\.css[^"]*)"', profile.text)
        assert style is not None
        assert browser.get(site.url + style[1], timeout=10).status_code == 200
    messages = [line["message"] for line in site.lines]
    [callback] = [line for line in site.lines if "GET /accounts/callback/" in line["message"]]
    assert re.fullmatch(r"GET /accounts/callback/ 302 in \d+ ms", callback["message"])
    assert re.fullmatch("[0-9a-f]{32}", callback["request_id"])
    text = "\n".join(messages)
    for secret in (code, DEMO_PASSWORD, USER.email, site.variables["COGNITO_CLIENT_SECRET"]):
        assert secret not in text


def test_malformed_request_is_logged_without_its_text(site: Site) -> None:
    with requests.Session() as client:
        answer = client.get(
            f"{site.url}/?code=very-secret-code", headers={"X": "a" * 17_000}, timeout=10
        )
    assert answer.status_code in {400, 431}
    text = site.container.log.read_text()
    assert "very-secret-code" not in text
    assert "Invalid request from ip=127.0.0.1" in text


def test_probes_are_answered_and_not_logged(site: Site, image: Image) -> None:
    assert requests.get(f"{site.url}/readyz", timeout=10).json() == {"database": "ok", "keys": "ok"}
    kind, *check = image.configuration["Healthcheck"]["Test"]
    assert kind == "CMD"
    assert site.container.run(check) == 0
    assert not [line for line in site.lines if "healthz" in line["message"]]


def test_root_file_system_is_read_only(site: Site) -> None:
    write = "import pathlib; pathlib.Path({!r}).write_text('x')"
    python = "/usr/bin/python3.13"
    assert site.container.run([python, "-c", write.format("/tmp/x")]) == 0
    assert site.container.run([python, "-c", write.format("/app/x")]) == 1


def test_stop_lets_a_running_request_end(
    image: Image, directory: Path, stack: Stack, service: Service
) -> None:
    port = free_port()
    body = b"{}"
    with running(image, directory, "stopped", **service("application", port)) as container:
        wait_for(f"http://localhost:{port}/healthz", container)
        with socket.create_connection(("127.0.0.1", port), timeout=15) as slow:
            slow.sendall(
                b"POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: localhost:%d\r\n"
                b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                % (stack.port, len(body))
            )
            # Give a thread the time to begin to read the body.
            time.sleep(1)
            started = time.monotonic()
            stopping = threading.Thread(target=container.stop)
            stopping.start()
            time.sleep(1)
            slow.sendall(body)
            assert slow.recv(4096).startswith(b"HTTP/1.1 400 ")
        stopping.join()
        assert container.process.returncode == 0
        assert time.monotonic() - started < DOCKER_KILLS_AFTER_SECONDS
