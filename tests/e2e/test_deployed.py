"""The deployed application: its bundle in Lambda, behind API Gateway, below the stage's path."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Page, expect

from api.resource_metadata import PATH as METADATA_PATH
from infra.local.demo import DEMO_PASSWORD, OPERATOR, USER
from infra.tokens import access_token
from tests.support.browser import sign_in
from tests.support.deployment import Deployment

COLD_MILLISECONDS = 120_000

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]


def call(
    deployment: Deployment,
    path: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    data: str | bytes | None = None,
) -> requests.Response:
    """Send a request to 127.0.0.1 with the deployment's `Host`.

    Python does not resolve all names below localhost to this machine, unlike browsers.
    """
    parts = urlsplit(deployment.public_url)
    return requests.request(
        method,
        f"http://127.0.0.1:{parts.port}{parts.path}{path}",
        headers={"Host": parts.netloc} | dict(headers or {}),
        data=data,
        allow_redirects=False,
        timeout=30,
    )


def token_of(deployment: Deployment, email: str) -> str:
    ministack, outputs = deployment.local.ministack, deployment.local.outputs
    client = ministack.cognito().describe_user_pool_client(
        UserPoolId=outputs["UserPoolId"], ClientId=outputs["WebClientId"]
    )["UserPoolClient"]
    return access_token(
        ministack.cognito(),
        client_id=client["ClientId"],
        client_secret=client["ClientSecret"],
        email=email,
        password=DEMO_PASSWORD,
    )


def test_operator_signs_in_and_sees_the_admin_with_its_styles(
    page: Page, deployment: Deployment
) -> None:
    use_the_admin_as_operator(page, deployment, prefix="/dev")


def use_the_admin_as_operator(page: Page, deployment: Deployment, *, prefix: str) -> None:
    """Sign in, open the admin and sign out. `prefix` is the path of the deployment's address."""
    missing: list[str] = []
    page.on("response", lambda r: missing.append(r.url) if r.status >= 400 else None)
    page.goto(f"{deployment.public_url}/")
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    assert page.url.startswith(f"{deployment.login_url}/login?")
    sign_in(page, OPERATOR.email)
    # Another Lambda instance may have to start for the callback.
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(OPERATOR.name, timeout=COLD_MILLISECONDS)
    assert page.url == f"{deployment.public_url}/"

    # begin capability console
    page.get_by_role("link", name="Admin", exact=True).click()
    assert page.url == f"{deployment.public_url}/admin/"
    # end capability console
    # The browser loads the files in parallel, and each request may start another Lambda instance.
    # Until the last style sheet is there, it shows nothing and a click waits.
    page.wait_for_load_state(timeout=COLD_MILLISECONDS)
    expect(page.get_by_role("link", name="Users", exact=True)).to_be_visible()  # only with console
    sheets = page.evaluate("[...document.styleSheets].map(s => [s.href, s.cssRules.length])")
    assert sheets
    site = f"{deployment.public_url}/"
    assert all(rules > 0 and address.startswith(site) for address, rules in sheets)
    assert missing == []

    cookies = {
        cookie["name"]: cookie for cookie in page.context.cookies(f"{deployment.public_url}/")
    }
    assert cookies["gatehouse-session"]["path"] == f"{prefix}/"

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    page.goto(f"{deployment.public_url}/accounts/profile/")
    expect(page.locator("input[name=username]")).to_be_visible()


# begin capability console
def test_user_without_a_staff_group_may_not_open_the_admin(
    page: Page, deployment: Deployment
) -> None:
    page.goto(f"{deployment.public_url}/admin/")
    sign_in(page, USER.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("You may not open this page")


# end capability console


def test_api_identifies_the_caller(deployment: Deployment) -> None:
    anonymous = call(deployment, "/api/v1/me")
    assert anonymous.status_code == 401
    metadata_url = f"{deployment.public_url}{METADATA_PATH}"
    assert anonymous.headers["WWW-Authenticate"] == f'Bearer resource_metadata="{metadata_url}"'
    metadata = call(deployment, METADATA_PATH).json()
    assert metadata["resource"] == f"{deployment.public_url}/api"
    # begin capability docs-page
    assert metadata["resource_documentation"] == f"{deployment.public_url}/api/v1/docs"
    # end capability docs-page
    bearer = {"Authorization": f"Bearer {token_of(deployment, USER.email)}"}
    me = call(deployment, "/api/v1/me", headers=bearer)
    assert (me.status_code, me.json()["kind"]) == (200, "user")
    # begin capability console
    assert call(deployment, "/api/v1/operators/audit-events", headers=bearer).status_code == 403
    # end capability console
    forged = {"Authorization": f"{bearer['Authorization'][:-3]}AAA"}
    assert call(deployment, "/api/v1/me", headers=forged).status_code == 401


# begin capability notes
def test_api_stores_the_body_of_a_request(deployment: Deployment) -> None:
    bearer = {"Authorization": f"Bearer {token_of(deployment, USER.email)}"}
    headers = bearer | {"Content-Type": "application/json"}
    note = json.dumps({"title": "Zoë", "body": "from Lambda"})
    made = call(deployment, "/api/v1/notes", method="POST", headers=headers, data=note.encode())
    assert made.status_code == 201, made.text
    assert made.json()["title"] == "Zoë"
    prefix = urlsplit(deployment.public_url).path
    path = urlsplit(made.headers["Location"]).path
    assert path == f"{prefix}/api/v1/notes/{made.json()['id']}"


# end capability notes


def test_command_in_a_request_body_is_not_run(deployment: Deployment) -> None:
    body = json.dumps({"raw_command": "1/0", "command": "os.getcwd", "manage": "flush"})
    for path in ("/", "/api/v1/me", "/accounts/login/", "/accounts/logout/"):
        answer = call(
            deployment,
            path,
            method="POST",
            data=body,
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code in {401, 403, 404, 405}, path


@pytest.mark.parametrize(
    "path", ["/%2561dmin/", "//admin/", "/ADMIN/", "/api/%2e%2e/admin/", "/admin;x/"]
)
def test_admin_is_not_served_at_another_path(deployment: Deployment, path: str) -> None:
    assert call(deployment, path).status_code in {301, 302, 401, 404}
    assert b"Site administration" not in call(deployment, path).content


def test_forged_forwarding_headers_change_nothing(deployment: Deployment) -> None:
    forged = {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "https"}
    forged |= {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "6.6.6.6"}
    answer = call(deployment, "/accounts/login/", headers=forged)
    assert answer.status_code == 302
    assert "evil.example" not in answer.headers["Location"]
    assert call(deployment, "/", headers={"Host": "evil.example"}).status_code != 200


def test_static_files_are_compressed(deployment: Deployment) -> None:
    pages = call(deployment, "/").text
    pages += call(deployment, "/api/v1/docs").text  # only with docs-page
    addresses = set(re.findall(r'"([^"]*/(?:static|styles)/[^"]*\.(?:css|js)\b[^"]*)"', pages))
    assert [address for address in addresses if "/styles/" in address]
    assert [address for address in addresses if "/static/" in address]  # only with docs-page
    for address in addresses:
        path = address.removeprefix(urlsplit(deployment.public_url).path)
        answer = call(deployment, path, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip", address
        assert "immutable" in answer.headers["Cache-Control"], address
        assert "{" in answer.text, address


def test_schema_names_the_address_of_the_deployment(deployment: Deployment) -> None:
    schema = call(deployment, "/api/v1/schema")
    assert schema.status_code == 200
    assert schema.json()["servers"] == [{"url": deployment.public_url}]


def test_headers_up_to_the_limit_of_the_gateway_are_accepted(deployment: Deployment) -> None:
    assert call(deployment, "/healthz", headers={"X-Long": "x" * 9_500}).status_code == 200
    long_token = {"Authorization": f"Bearer {'x' * 9_500}"}
    assert call(deployment, "/api/v1/me", headers=long_token).status_code == 401
