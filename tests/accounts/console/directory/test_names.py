"""Users and groups with any name, in every form of a Lambda event, a WSGI server and links."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from cognito.directory.records import DirectoryUser
from project import lambda_entry
from project.aws_lambda.gateway_event import wsgi_environ
from project.wsgi import application
from tests.accounts.console.conftest import USERS, Api, row_of
from tests.accounts.test_pool_names import NAMES
from tests.project.aws_lambda.test_gateway_event import BALANCER, FUNCTION_URL, HTTP, REST, made
from tests.project.test_lambda_entry import Context
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

GROUPS = "/api/v1/operators/groups"
FORMS: dict[str, Callable[[str], dict[str, Any]]] = {
    "REST API": lambda path: made(REST, path=path),
    "load balancer": lambda path: made(BALANCER, path=path),
    "function URL": lambda path: made(FUNCTION_URL, rawPath=path),
    # These forms decode the path, and cut it off at a question mark.
    "HTTP API": lambda path: made(HTTP, rawPath="/dev" + unquote(path).partition("?")[0]),
}
THROUGH_EVERY_FORM = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def status_of(api: Api, event: dict[str, Any]) -> int:
    sent = {"Host": "localhost:8000", "Authorization": f"Bearer {api.token}"}
    headers = {name.lower(): value for name, value in sent.items()}
    several = {"multiValueHeaders": {name: [value] for name, value in sent.items()}}
    changes = several if "multiValueHeaders" in event else {"headers": headers}
    status: int = lambda_entry.handler(event | changes, Context())["statusCode"]
    return status


def asked_for(stub: PoolStub) -> str:
    return str(stub.calls("AdminGetUser")[-1]["Username"])


@THROUGH_EVERY_FORM
def test_user_of_any_name_is_reached_on_lambda(
    api: Api, stub: PoolStub, form: Callable[[str], dict[str, Any]]
) -> None:
    for name in NAMES:
        address = reverse("api:operators:user", kwargs={"username": name})
        for sent in {address, f"{USERS}/{quote(address.removeprefix(f'{USERS}/'), safe='')}"}:
            assert status_of(api, form(sent)) == 200, name
            assert asked_for(stub) == name


@THROUGH_EVERY_FORM
def test_percent_encoded_name_is_reached_on_lambda(
    api: Api, stub: PoolStub, form: Callable[[str], dict[str, Any]]
) -> None:
    for sent, name in {
        "AzureAD_ann%2Bb%40corp.example": "AzureAD_ann+b@corp.example",
        "AzureAD_ann+b@corp.example": "AzureAD_ann+b@corp.example",
        "50%25": "50%",
        "%252F": "%2F",
        "a%2Fb": "a/b",
        "Zo%C3%AB": "Zoë",
        "a%3Bb": "a;b",
    }.items():
        assert status_of(api, form(f"{USERS}/{sent}")) == 200
        assert asked_for(stub) == name


def test_group_of_any_name_is_reached(api: Api, stub: PoolStub) -> None:
    for name in NAMES:
        address = reverse("api:operators:group", kwargs={"name": name})
        assert status_of(api, made(REST, path=address)) == 200
        assert stub.calls("GetGroup")[-1]["GroupName"] == name


def test_user_of_any_name_is_reached_through_a_wsgi_server(api: Api, stub: PoolStub) -> None:
    for name in NAMES:
        address = reverse("api:operators:user", kwargs={"username": name})
        # PEP 3333: a WSGI server decodes the path, and passes each byte as one character.
        environ = wsgi_environ(made(BALANCER, path=address), prefix="")
        environ |= {"HTTP_HOST": "localhost:8000", "HTTP_AUTHORIZATION": f"Bearer {api.token}"}
        statuses: list[str] = []
        b"".join(application(environ, lambda status, _headers, told=statuses: told.append(status)))
        assert statuses == ["200 OK"], name
        assert asked_for(stub) == name


def test_action_reaches_the_user_of_any_name(api: Api, stub: PoolStub) -> None:
    for name in NAMES:
        address = reverse("api:operators:enable", kwargs={"username": name})
        assert api.post(unquote(address)).status_code == 204, name
        # Later calls use the pool's spelling of the name.
        assert name in [call["Username"] for call in stub.calls("AdminGetUser")[-2:]]


def test_slash_that_a_server_has_decoded_is_part_of_the_name(api: Api, stub: PoolStub) -> None:
    assert api.get(f"{USERS}/a/b").status_code == 200
    assert asked_for(stub) == "a/b"
    assert api.post(f"{USERS}/a/b/enable").status_code == 204
    assert "a/b" in [call["Username"] for call in stub.calls("AdminGetUser")[-2:]]
    # The path is read as an action on the user `a`, never as the user `a/enable`.
    assert api.get(f"{USERS}/a/enable").status_code == 405


@pytest.mark.parametrize("segment", ["a%20b", "%00", "~00", "x" * 129, "~FF"])
def test_name_that_no_pool_allows_is_a_404_without_a_call(
    api: Api, stub: PoolStub, segment: str
) -> None:
    assert api.get(f"{USERS}/{segment}").status_code == 404
    assert not stub.calls("AdminGetUser")


def test_links_of_the_admin_lead_to_the_user_of_any_name(
    stub: PoolStub, client: Client, enter: Callable[[User], None], ada: DirectoryUser
) -> None:
    enter(row_of(ada, is_staff=True, is_superuser=True))
    attributes = [{"Name": "sub", "Value": "sub-of-user"}]
    for name in NAMES:
        user = {"Username": name, "Enabled": True}
        stub.answer("ListUsers", {"Users": [user | {"Attributes": attributes}]})
        stub.answer("AdminGetUser", user | {"UserAttributes": attributes})
        page = client.get("/admin/accounts/directory/").content.decode()
        links = re.findall(r'href="(/admin/accounts/directory/users/[^"]+)"', page)
        link = html.unescape(links[0])
        # The others are actions on the user.
        assert all(html.unescape(one).startswith(link) for one in links)
        assert re.fullmatch(r"[A-Za-z0-9/._-]+", link)
        detail = client.get(link)
        assert (detail.status_code, asked_for(stub)) == (200, name)
        assert f'href="{link}disable/"' in detail.content.decode()
        assert client.get(f"{link}disable/").status_code == 200
        assert asked_for(stub) == name


def test_openapi_document_says_how_names_are_written(client: Client) -> None:
    paths = json.loads(client.get("/api/v1/schema").content)["paths"]
    named = [
        parameter
        for path, operations in paths.items()
        if path.startswith((f"{USERS}/", f"{GROUPS}/"))
        for operation in operations.values()
        for parameter in operation["parameters"]
        if parameter["in"] == "path"
    ]
    assert len(named) > 10
    assert all("~2F" in parameter["description"] for parameter in named)
