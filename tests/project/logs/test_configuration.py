from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest

from infra.environments import ROOT
from project.logs.configuration import (
    JsonFormatter,
    WithoutNames,
    WithoutQueryString,
    without_names,
)
from project.middleware.request_id import current_request_id


def record(message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("a.logger", logging.INFO, "file.py", 1, message, arguments, None)


def test_line_is_one_json_object() -> None:
    line = JsonFormatter().format(record("two\nlines of %s", "text"))
    assert "\n" not in line
    entry = json.loads(line)
    assert entry["message"] == "two\nlines of text"
    assert (entry["level"], entry["logger"]) == ("INFO", "a.logger")
    assert entry["time"].endswith("+00:00")
    assert "request_id" not in entry


def test_line_of_a_request_has_its_id() -> None:
    token = current_request_id.set("abc")
    try:
        assert json.loads(JsonFormatter().format(record("x")))["request_id"] == "abc"
    finally:
        current_request_id.reset(token)


def test_traceback_is_kept() -> None:
    failing = record("it failed")
    try:
        int("no number")
    except ValueError:
        failing.exc_info = sys.exc_info()
    assert "ValueError: invalid literal" in json.loads(JsonFormatter().format(failing))["exception"]


@pytest.mark.parametrize(
    ("request_line", "shown"),
    [
        ("GET /accounts/callback/?code=c&state=s HTTP/1.1", "GET /accounts/callback/?[…] HTTP/1.1"),
        ("GET / HTTP/1.1", "GET / HTTP/1.1"),
        ("/path?code=c", "/path?[…]"),
        ("GET /a?x=?y HTTP/1.1", "GET /a?[…] HTTP/1.1"),
        ("Bad request syntax ('GET /?code=a b')", "Bad request syntax ('GET /?[…]"),
    ],
)
def test_query_strings_are_removed(request_line: str, shown: str) -> None:
    line = record('"%s" %s %s', request_line, "200", 12)
    assert WithoutQueryString().filter(line)
    assert line.getMessage() == f'"{shown}" 200 12'


def logged(*, as_json: bool) -> tuple[str, str]:
    """Return what a process that logs one line writes to standard output and standard error."""
    code = (
        "import logging, logging.config\n"
        "from project.logs.configuration import logging_configuration\n"
        f"configuration = logging_configuration(level='INFO', as_json={as_json})\n"
        "logging.config.dictConfig(configuration)\n"
        "logging.getLogger('a.logger').info('a %s', 'line')\n"
        "logging.getLogger('a.logger').debug('too much')\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return finished.stdout, finished.stderr


@pytest.mark.slow
def test_json_goes_to_standard_output() -> None:
    output, errors = logged(as_json=True)
    assert json.loads(output)["message"] == "a line"
    assert errors == ""


@pytest.mark.slow
def test_text_goes_to_standard_error() -> None:
    output, errors = logged(as_json=False)
    assert output == ""
    assert errors.endswith("INFO    a.logger: a line\n")


@pytest.mark.slow
def test_output_of_a_command_does_not_contain_its_log_lines() -> None:
    code = "import logging; print('printed'); logging.getLogger('a.logger').warning('logged')"
    finished = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert finished.stdout == "printed\n"
    assert json.loads(finished.stderr)["message"] == "logged"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/api/v1/operators/users/ann@corp.example", "/api/v1/operators/users/[…]"),
        ("/api/v1/operators/users/a b/c@d/disable", "/api/v1/operators/users/[…]"),
        (
            "/dev/admin/accounts/directory/users/ann_40corp/",
            "/dev/admin/accounts/directory/users/[…]",
        ),
        ("/admin/accounts/directory/groups/tea/edit/", "/admin/accounts/directory/groups/[…]"),
        ("GET /api/v1/operators/users/a?b HTTP/1.1", "GET /api/v1/operators/users/[…] HTTP/1.1"),
        ("/api/v1/operators/users", "/api/v1/operators/users"),
        ("/admin/accounts/directory/users/", "/admin/accounts/directory/users/"),
        ("/healthz", "/healthz"),
    ],
)
def test_names_are_removed_from_paths(path: str, shown: str) -> None:
    line = record("Not Found: %s", path)
    assert WithoutNames().filter(line)
    assert line.getMessage() == f"Not Found: {shown}"
    assert without_names(path) == shown


@pytest.mark.slow
def test_names_are_removed_from_written_lines() -> None:
    code = (
        "import logging, logging.config\n"
        "from project.logs.configuration import logging_configuration\n"
        "logging.config.dictConfig(logging_configuration(level='INFO', as_json=True))\n"
        "path = '/api/v1/operators/users/ann@corp.example'\n"
        "for name in ('django.request', 'django.server', 'a.logger'):\n"
        "    logging.getLogger(name).warning('Not Found: %s', path)\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert len(finished.stdout.splitlines()) == 3
    assert "corp.example" not in finished.stdout
