"""The answers of the development server, with DJANGO_DEBUG, to another host name.

That is how a web page reads answers of a developer's machine: its own name leads there (DNS
rebinding), and the Host header is the only thing that gives it away.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest
from django.test import Client

from infra.environments import ROOT
from infra.local import django
from infra.local.pool import environment_before_first_run
from infra.local.ports import LOOPBACK, free_port

STYLESHEET = "/static/gatehouse/style.css"
# With the correct Host, each path is a debug page or a file.
PATHS = [
    "/",
    "/nowhere",
    "/static/nowhere.css",
    STYLESHEET,
    "/static/../settings.py",
    "/api/v1/nowhere",
    "/admin/",  # only with console
    "/accounts/callback/?state=x&state=y",
    "/healthz/x",
    "/%ff",
]
HOSTS = ["evil.example", "localhost.evil.example", "evil.example:80", "127.0.0.1.nip.io", "a b", ""]
MAX_BYTES = 4_000
SECRETS = ("Traceback", "DEBUG", "settings", "sys.path", "DJANGO_SETTINGS_MODULE", str(ROOT))


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    directory, port = tmp_path_factory.mktemp("debug"), free_port()
    settings = environment_before_first_run(f"sqlite:///{directory / 'db.sqlite3'}")
    settings["PUBLIC_URL"] = f"http://localhost:{port}"
    with django.server(settings, port=port, log=directory / "django.log", reload=False):
        yield port


def get(port: int, host: str, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("Host", host)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("path", PATHS)
def test_foreign_host_is_a_small_plain_400(port: int, path: str) -> None:
    for host in HOSTS:
        status, text = get(port, host, path)
        assert status == 400
        assert len(text) < MAX_BYTES
        assert not [secret for secret in SECRETS if secret in text]
        assert "localhost:" not in text, "not even the right address"


def test_developer_still_has_debug_pages(port: int) -> None:
    status, text = get(port, f"localhost:{port}", "/nowhere")
    assert status == 404
    assert "DEBUG = True" in text
    assert get(port, f"localhost:{port}", STYLESHEET)[0] == 200


@pytest.mark.parametrize("path", ["/", "/accounts/profile/", "/api/v1/me", STYLESHEET])
def test_other_name_of_this_machine_gets_the_configured_address(port: int, path: str) -> None:
    status, text = get(port, f"127.0.0.1:{port}", path)
    assert status == 400
    assert f"This site is at http://localhost:{port}" in text
    assert len(text) < MAX_BYTES


def test_deployed_site_does_not_reveal_its_address() -> None:
    """Without DJANGO_DEBUG, a name of this machine is refused like any other host."""
    answer = Client().get("/", headers={"Host": "127.0.0.1:8000"})
    assert answer.status_code == 400
    assert "localhost" not in answer.content.decode()
