"""Machine clients, which get their tokens from the client credentials grant."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from infra.local.demo import DEMO_PASSWORD, USER
from infra.tokens import access_token
from tests.clients.conftest import ApiSite

pytestmark = pytest.mark.ministack

NOTES = "/api/v1/notes"

# Method and path of every operation that requires a user.
FOR_USERS = [
    ("GET", "/api/v1/me/profile"),
    ("PATCH", "/api/v1/me/profile"),
    ("POST", "/api/v1/me/password"),
    ("POST", "/api/v1/me/mfa/totp"),
    ("PUT", "/api/v1/me/mfa/totp"),
    ("DELETE", "/api/v1/me/mfa/totp"),
    ("GET", "/api/v1/me/passkeys"),
    ("POST", "/api/v1/me/passkeys"),
    ("PUT", "/api/v1/me/passkeys"),
    ("DELETE", "/api/v1/me/passkeys/YQ"),
    ("GET", "/api/v1/me/sessions"),
    ("DELETE", "/api/v1/me/sessions/00000000-0000-4000-8000-000000000000"),
    ("DELETE", "/api/v1/me"),
    ("POST", "/api/v1/auth/sign-out-everywhere"),
]


def call(api_site: ApiSite, token: str, method: str, path: str, body: Any = None) -> Any:
    return requests.request(
        method,
        api_site.url(path),
        headers={"Authorization": f"Bearer {token}"},
        json=body,
        timeout=10,
    )


@pytest.fixture(scope="module")
def reader(api_site: ApiSite) -> str:
    return api_site.machine_token("api/read")


@pytest.fixture(scope="module")
def writer(api_site: ApiSite) -> str:
    return api_site.machine_token("api/read api/write")


def test_machine_is_identified_by_its_client_id(api_site: ApiSite, reader: str) -> None:
    me = call(api_site, reader, "GET", "/api/v1/me").json()
    machine = api_site.stack.pool.machine_client_id
    assert (me["kind"], me["sub"], me["client_id"]) == ("machine", machine, machine)
    assert (me["scopes"], me["groups"], me["username"]) == (["api/read"], [], None)


def test_machine_has_its_own_notes(api_site: ApiSite, reader: str, writer: str) -> None:
    created = call(api_site, writer, "POST", NOTES, {"title": "Nightly run"})
    assert created.status_code == 201
    path = created.headers["Location"]

    # A note belongs to the client, so another token of the client can read it.
    listed = call(api_site, reader, "GET", NOTES).json()
    assert [note["title"] for note in listed["results"]] == ["Nightly run"]
    changed = call(api_site, writer, "PATCH", path, {"body": "took 3 s"})
    assert (changed.status_code, changed.json()["body"]) == (200, "took 3 s")

    stack = api_site.stack
    person = access_token(
        stack.aws.cognito(),
        client_id=stack.pool.web_client_id,
        client_secret=stack.pool.web_client_secret,
        email=USER.email,
        password=DEMO_PASSWORD,
    )
    assert call(api_site, person, "GET", path).status_code == 404
    assert call(api_site, writer, "DELETE", path).status_code == 204
    assert call(api_site, reader, "GET", path).status_code == 404


def test_machine_needs_the_scope_of_the_operation(api_site: ApiSite, reader: str) -> None:
    refused = call(api_site, reader, "POST", NOTES, {"title": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert 'scope="api/write"' in refused.headers["WWW-Authenticate"]

    write_only = api_site.machine_token("api/write")
    refused = call(api_site, write_only, "GET", NOTES)
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert 'scope="api/read"' in refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize(("method", "path"), FOR_USERS)
def test_operation_for_users_refuses_a_machine(
    api_site: ApiSite, writer: str, method: str, path: str
) -> None:
    refused = call(api_site, writer, method, path, {} if method != "GET" else None)
    assert (refused.status_code, refused.json()["code"]) == (403, "user_required")
