"""The OpenAPI document is correct and complete, and costs nothing until it is requested."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import URLPattern, URLResolver
from drf_spectacular.validation import validate_schema
from pytest_django import Settings
from rest_framework.views import APIView

from api.openapi import problems
from api.openapi.document import SCOPES
from api.openapi.document import document as made
from api.openapi.operations import OPERATIONS
from api.openapi.patterns import in_ecmascript
from api.urls import version_1
from api.wire.parsers import MAX_BODY_BYTES
from infra.setup import node
from tests.support.environment import VARIABLES

ROOT = Path(__file__).parents[3]
SCHEMA = "/api/v1/schema"

# The methods that views of the API can have.
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    response = Client().get(SCHEMA)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    parsed: dict[str, Any] = response.json()
    return parsed


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def views(patterns: list[Any]) -> Iterator[type[APIView]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "cls"):
            yield pattern.callback.cls


def test_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.")
    validate_schema(document)  # type: ignore[no-untyped-call] # raises an error if it is invalid


def test_generator_prints_no_warnings(
    capfd: pytest.CaptureFixture[str], settings: Settings
) -> None:
    """drf-spectacular prints a warning if it has to guess."""
    settings.PUBLIC_URL = "https://generated-again.example.com"
    assert made()
    assert capfd.readouterr() == ("", "")


def test_every_method_of_every_view_is_described(document: dict[str, Any]) -> None:
    in_code = {
        (view, method) for view in views(version_1) for method in METHODS if hasattr(view, method)
    }
    described = {(view, method) for view, methods in OPERATIONS.items() for method in methods}
    missing = [
        f"Describe `{method}` of {view.__name__} in OPERATIONS of "
        f"{view.__module__.rpartition('.')[0].replace('.', '/')}/openapi.py, and include that "
        "module in api/openapi/operations.py. README.md has an example."
        for view, method in in_code - described
    ]
    assert not missing, "\n".join(missing)
    unreachable = [f"{view.__name__}.{method}" for view, method in described - in_code]
    assert not unreachable, f"Add these views to urls.py, or remove them: {unreachable}"
    assert len(list(operations(document))) == len(in_code)


def test_operation_ids_are_unique_and_begin_with_a_verb(
    document: dict[str, Any],
) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len({one.lower() for one in ids}) == len(ids)
    verbs = {
        "get": "get|list",
        "post": "create|invite|add|remove|sign|confirm|resend|answer|refresh|request|reset|change|"
        "start|disable|enable|end|forget|set|delete",
        "put": "confirm",
        "patch": "update",
        "delete": "delete",
    }
    for name, operation in operations(document):
        method = name.partition(" ")[0].lower()
        assert re.fullmatch(rf"({verbs[method]})[A-Za-z]*", operation["operationId"]), name


def test_every_operation_is_explained_and_has_examples(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        first = next(iter(operation["responses"].values()))
        for body in (operation.get("requestBody", {}), first):
            for media_type in body.get("content", {}).values():
                assert media_type["examples"], name


@pytest.mark.parametrize(
    ("public_url", "server"),
    [
        ("http://localhost:8000", "/"),
        ("http://127.0.0.1:8000/dev", "/dev"),
        ("http://x.execute-api.localhost:4566/dev", "http://x.execute-api.localhost:4566/dev"),
        ("https://app.example.com", "https://app.example.com"),
    ],
)
def test_server_is_relative_to_the_document_or_the_public_url(
    settings: Settings, public_url: str, server: str
) -> None:
    settings.PUBLIC_URL = public_url
    assert json.loads(made())["servers"] == [{"url": server}]


@pytest.fixture(
    params=["http://localhost:8000", "https://abc.execute-api.eu-west-1.amazonaws.com/dev"]
)
def document_file(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Path:
    settings.PUBLIC_URL = request.param
    settings.COGNITO_DOMAIN = "https://x.auth.eu-west-1.amazoncognito.com"
    path = tmp_path / "openapi.json"
    path.write_bytes(made())
    return path


@pytest.mark.usefixtures("node_modules")
def test_linters_of_redocly_and_spectral_find_nothing(document_file: Path) -> None:
    assert findings(document_file) == []


@pytest.mark.usefixtures("node_modules")
def test_linters_find_mistakes(document_file: Path) -> None:
    document = json.loads(document_file.read_bytes())
    del document["paths"]["/api/v1/auth/sign-in"]["post"]["security"]
    document["paths"]["/api/v1/me"]["get"]["tags"] = ["Unknown"]
    document_file.write_text(json.dumps(document))
    assert [one.split(":")[0] for one in findings(document_file)] == [
        "redocly security-defined",
        "spectral operation-tag-defined",
    ]


def findings(document_file: Path) -> list[str]:
    program = node.PROJECT / "openapi_lint.mjs"
    finished = subprocess.run(
        # Pass the program as text. As a file, it would look for packages next to that file.
        ["node", "--input-type=module", "--eval", program.read_text(), document_file],
        cwd=node.directory(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    found: list[str] = json.loads(finished.stdout)
    return found


def test_every_operation_says_how_it_fails(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        expected = {"400", "503"}
        if operation.get("security"):
            expected |= {"401"}
        if "requestBody" in operation:
            expected |= {"413", "415"}
        if "{" in name:
            expected |= {"404"}
        assert expected <= operation["responses"].keys(), name
        successes = [status for status in operation["responses"] if status < "300"]
        assert successes, name


def test_every_error_is_a_problem(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400":
                assert response == problems.reference(int(status)), name
    for response in document["components"]["responses"].values():
        assert list(response["content"]) == ["application/problem+json"]


def test_responses_describe_their_headers(document: dict[str, Any]) -> None:
    responses = document["components"]["responses"]
    assert "WWW-Authenticate" in responses["Unauthorized"]["headers"]
    assert "WWW-Authenticate" in responses["Forbidden"]["headers"]
    assert "Retry-After" in responses["TooManyRequests"]["headers"]
    assert "Retry-After" in responses["ServiceUnavailable"]["headers"]
    created = document["paths"]["/api/v1/notes"]["post"]["responses"]["201"]  # only with notes
    assert "Location" in created["headers"]  # only with notes


def test_security_schemes_describe_how_to_get_a_token(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    assert schemes["bearer"]["scheme"] == "bearer"
    code = schemes["cognito"]["flows"]["authorizationCode"]
    assert code["authorizationUrl"] == f"{django_settings.COGNITO_DOMAIN}/oauth2/authorize"
    assert code["tokenUrl"] == f"{django_settings.COGNITO_DOMAIN}/oauth2/token"
    assert set(schemes["cognito"]["flows"]["clientCredentials"]["scopes"]) == {
        "api/read",
        "api/write",
    }


@pytest.mark.parametrize(
    ("path", "method", "scopes"),
    [
        ("/api/v1/notes", "get", "api/read"),  # only with notes
        ("/api/v1/notes", "post", "api/write"),  # only with notes
        ("/api/v1/notes/{id}", "get", "api/read"),  # only with notes
        ("/api/v1/notes/{id}", "patch", "api/write"),  # only with notes
        ("/api/v1/notes/{id}", "delete", "api/write"),  # only with notes
        ("/api/v1/me/sessions", "get", "api/account aws.cognito.signin.user.admin"),
        ("/api/v1/auth/sign-out-everywhere", "post", "api/account"),
        ("/api/v1/operators/users", "get", "api/operate"),  # only with console
        ("/api/v1/operators/audit-events", "get", "api/audit"),  # only with console
    ],
)
def test_operations_name_the_scopes_of_their_views(
    document: dict[str, Any], path: str, method: str, scopes: str
) -> None:
    security = document["paths"][path][method]["security"]
    tokens = [{"bearer": []}, {"cognito": scopes.split()}]
    assert [one for one in security if "session" not in one] == tokens
    assert set(scopes.split()) <= SCOPES.keys()


@pytest.mark.parametrize(
    ("path", "method", "schemes"),
    [
        ("/api/v1/session", "get", {"session"}),
        ("/api/v1/notes", "get", {"session"}),  # only with notes
        ("/api/v1/notes", "post", {"session", "csrf"}),  # only with notes
        ("/api/v1/notes/{id}", "delete", {"session", "csrf"}),  # only with notes
    ],
)
def test_operations_for_own_pages_name_the_cookie_and_its_errors(
    document: dict[str, Any], path: str, method: str, schemes: set[str]
) -> None:
    operation = document["paths"][path][method]
    (accepted,) = (one for one in operation["security"] if "session" in one)
    assert set(accepted) == schemes
    session = document["components"]["securitySchemes"]["session"]
    assert session["name"] == "gatehouse-session"
    errors = {"401", "410"} | ({"403", "415"} if "csrf" in schemes else set())
    assert operation["responses"].keys() >= errors


def test_request_bodies_refuse_unknown_members_except_those_of_sign_in(
    document: dict[str, Any],
) -> None:
    """A misspelt member that was ignored would look saved."""
    schemas = document["components"]["schemas"]
    open_bodies = {
        name.partition("/api/v1/")[2].partition("/")[0]
        for name, operation in operations(document)
        for content in operation.get("requestBody", {}).get("content", {}).values()
        if schemas[content["schema"]["$ref"].rpartition("/")[2]].get("additionalProperties", True)
    }
    assert open_bodies == {"auth"}


# begin capability console
def test_actions_of_operators_name_the_errors_of_a_body(document: dict[str, Any]) -> None:
    """Also those that take nothing, because the body must be JSON all the same."""
    actions = [
        operation
        for name, operation in operations(document)
        if name.startswith("POST /api/v1/operators/users/")
    ]
    assert actions
    assert all(one["responses"].keys() >= {"413", "415"} for one in actions)


# end capability console


# begin capability notes
def test_schema_of_a_note_names_what_a_request_needs(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["NoteRequest"]["required"] == ["title"]
    assert "additionalProperties" not in schemas["Note"]
    assert len(schemas["Note"]["required"]) == 5


# end capability notes


def test_every_component_is_used(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    for kind, components in document["components"].items():
        if kind != "securitySchemes":
            for name in components:
                uses = text.count(f'"#/components/{kind}/{name}"')
                assert uses, name
    assert f"{MAX_BODY_BYTES // 1024} KB" in text


def test_document_has_the_stage_prefix_and_the_hosted_ui_of_the_settings(
    settings: Settings,
) -> None:
    settings.PUBLIC_URL = "https://abc.execute-api.eu-west-1.amazonaws.com/dev"
    settings.COGNITO_DOMAIN = "https://example.auth.eu-west-1.amazoncognito.com"
    there = json.loads(made())
    assert there["servers"] == [{"url": settings.PUBLIC_URL}]
    assert "/api/v1/me" in there["paths"]
    for flow in there["components"]["securitySchemes"]["cognito"]["flows"].values():
        assert flow["tokenUrl"] == f"{settings.COGNITO_DOMAIN}/oauth2/token"


@pytest.mark.parametrize(
    ("python", "ecmascript"),
    [
        (r"^[0-9]{6}$", r"^[0-9]{6}$"),
        (r"^\S+$", r"^[^\s\u001c-\u001f\u0085]+$"),
        (r"^a\sb$", r"^a[\s\u001c-\u001f\u0085]b$"),
        (r"^[^\s\u007f]\s$", r"^[^\s\u001c-\u001f\u0085\u007f][\s\u001c-\u001f\u0085]$"),
        (r"\[\s", r"\[[\s\u001c-\u001f\u0085]"),
    ],
)
def test_patterns_are_translated_to_ecmascript(python: str, ecmascript: str) -> None:
    assert in_ecmascript(python) == ecmascript


# begin capability notes
def test_examples_have_the_members_of_their_schemas(document: dict[str, Any]) -> None:
    note = document["components"]["schemas"]["Note"]
    listed = document["paths"]["/api/v1/notes"]["get"]["responses"]["200"]
    (example,) = listed["content"]["application/json"]["examples"].values()
    assert example["value"].keys() == {"results", "next_cursor"}
    assert example["value"]["results"][0].keys() == note["properties"].keys()


# end capability notes


def test_document_is_public_and_cacheable() -> None:
    response = Client().get(SCHEMA)
    assert response["Cache-Control"] == "public, max-age=300"
    assert Client().head(SCHEMA).status_code == HTTPStatus.OK
    refused = Client().post(SCHEMA)
    assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")


def test_other_requests_do_not_load_the_generator() -> None:
    """A process loads the generator of the document only on a request for the document."""
    program = """
import sys
from project.wsgi import application
from django.test import Client
client = Client(headers={"Host": "localhost"})
assert client.get("/api/v1/me").status_code == 401
assert client.get("/api/v1/me/profile").status_code == 401
print(sorted(name for name in sys.modules if name.startswith(("drf_spectacular.", "api.openapi."))))
assert client.get("/api/v1/schema").status_code == 200
assert "drf_spectacular.openapi" in sys.modules
"""
    finished = subprocess.run(
        # Tests do not run `collectstatic`, so ignore the warning about its directory.
        [sys.executable, "-W", "error", "-W", "ignore:No directory at", "-c", program],
        cwd=ROOT,
        env=VARIABLES,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    # The output also contains log lines.
    assert "['api.openapi.urls', 'api.openapi.views']" in finished.stdout.splitlines()


def test_document_is_compressed_for_clients_that_accept_it(client: Client) -> None:
    plain = client.get("/api/v1/schema")
    packed = client.get("/api/v1/schema", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert "Accept-Encoding" in plain["Vary"]
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 4
