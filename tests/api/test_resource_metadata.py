"""`/.well-known/oauth-protected-resource`, which says how to get a token (RFC 9728)."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import clear_script_prefix, set_script_prefix
from pytest_django import Settings

from tests.api.test_scopes import each_endpoint
from tests.support.answers import METADATA_URL
from tests.support.caller import Caller

WELL_KNOWN = "/.well-known/oauth-protected-resource"
ADDRESSES = (WELL_KNOWN, f"{WELL_KNOWN}/api")


@pytest.fixture
def below_a_stage(settings: Settings) -> Iterator[str]:
    """Serve the site at an address with the stage of API Gateway in its path."""
    settings.PUBLIC_ORIGIN = "https://abc.execute-api.eu-west-1.amazonaws.com"
    settings.FORCE_SCRIPT_NAME = "/dev"
    settings.PUBLIC_URL = f"{settings.PUBLIC_ORIGIN}/dev"
    settings.COGNITO_API_AUDIENCE = f"{settings.PUBLIC_URL}/api"
    # Servers do this for each request, and Django's test client does not.
    set_script_prefix("/dev/")
    yield settings.PUBLIC_URL
    clear_script_prefix()


@pytest.mark.parametrize("address", ADDRESSES)
def test_metadata_describes_the_api(client: Client, settings: Settings, address: str) -> None:
    response = client.get(address)

    assert response.status_code == HTTPStatus.OK
    assert response["Content-Type"] == "application/json"
    assert response.json() == {
        "resource": "http://localhost:8000/api",
        "authorization_servers": [settings.COGNITO_ISSUER],
        "scopes_supported": ["api/read", "api/write"],
        "bearer_methods_supported": ["header"],
        "resource_name": "Gatehouse API",
        "resource_documentation": "http://localhost:8000/api/v1/docs",  # only with docs-page
    }


def test_resource_is_the_configured_audience(client: Client, settings: Settings) -> None:
    settings.COGNITO_API_AUDIENCE = "https://api.example.com/gatehouse"
    assert client.get(WELL_KNOWN).json()["resource"] == settings.COGNITO_API_AUDIENCE


def test_address_of_the_metadata_follows_from_the_resource(client: Client) -> None:
    """A client without a challenge inserts the well-known path before that of the resource."""
    resource = urlsplit(client.get(WELL_KNOWN).json()["resource"])
    assert resource._replace(path=WELL_KNOWN + resource.path).geturl() == METADATA_URL


@pytest.mark.parametrize("address", [*ADDRESSES, f"{WELL_KNOWN}/dev/api"])
def test_metadata_below_a_stage_has_the_stage_in_its_addresses(
    client: Client, below_a_stage: str, address: str
) -> None:
    document = client.get(address).json()

    assert document["resource"] == f"{below_a_stage}/api"
    # begin capability docs-page
    assert document["resource_documentation"] == f"{below_a_stage}/api/v1/docs"
    # end capability docs-page


def test_challenge_below_a_stage_names_an_address_of_the_stage(
    call: Caller, below_a_stage: str
) -> None:
    challenge = call(path="/api/v1/me")["WWW-Authenticate"]
    assert challenge == f'Bearer resource_metadata="{below_a_stage}{WELL_KNOWN}/api"'


@pytest.mark.parametrize("path", ["/", "/api/", "/api/v1", "/dev/api", "/x", "//api", "/api%2F"])
def test_other_resources_have_no_metadata(client: Client, path: str) -> None:
    assert client.get(WELL_KNOWN + path).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_of_every_origin_and_caches_may_keep_the_metadata(
    client: Client, address: str
) -> None:
    for headers in ({}, {"Origin": "https://inspector.example"}, {"Origin": "null"}):
        response = client.get(address, headers=headers)
        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["Cache-Control"] == "public, max-age=300"
        assert "Access-Control-Allow-Credentials" not in response
        assert "Set-Cookie" not in response
        assert "Cookie" not in response.get("Vary", "")


def test_metadata_can_only_be_read(client: Client) -> None:
    assert client.head(WELL_KNOWN).status_code == HTTPStatus.OK
    for method in ("post", "put", "patch", "delete"):
        response = getattr(Client(enforce_csrf_checks=True), method)(WELL_KNOWN)
        assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
        assert response["Allow"] == "GET, HEAD"


def test_metadata_is_served_only_at_the_sites_own_host(client: Client) -> None:
    response = client.get(WELL_KNOWN, headers={"Host": "other.example"})
    assert response.status_code == HTTPStatus.BAD_REQUEST


@each_endpoint
@pytest.mark.django_db
def test_every_401_names_the_address_of_the_metadata(call: Caller, method: str, path: str) -> None:
    for token in (None, "not.a.token"):
        response = call(token, f"/api/v1/{path}", method=method.upper())
        assert response.status_code == HTTPStatus.UNAUTHORIZED
        assert f'resource_metadata="{METADATA_URL}"' in response["WWW-Authenticate"]
