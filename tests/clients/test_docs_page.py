"""The API documentation page in a browser, which signs in and calls the API."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, expect

from infra.local.demo import OPERATOR, USER
from project.environment.colors import DEFAULT, dark_of
from tests.clients.conftest import ApiSite
from tests.e2e.test_pages import Visit, is_wider_than_the_window, violations
from tests.support.browser import sign_in

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

DOCS = "/api/v1/docs"
# Swagger UI has 430 kB of script and 27 kB of styles. The rest is ours, and the document.
MAX_BYTES = 490_000


@pytest.fixture
def docs(page: Page, api_site: ApiSite) -> Iterator[Page]:
    """Yield the open page. Fail on a console message or a request to another site."""
    complaints: list[str] = []
    other_sites: list[str] = []
    ours = (api_site.stack.public_url, api_site.stack.login_url, "data:", "blob:")

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith(ours) else other_sites.append(request.url),
    )
    page.goto(api_site.url(DOCS))
    expect(page.get_by_role("heading", name="Gatehouse API")).to_be_visible()
    yield page
    assert complaints == []
    assert other_sites == []


def test_page_shows_operations(docs: Page, api_site: ApiSite) -> None:
    for path in ("/api/v1/me", "/api/v1/me/profile", "/api/v1/me/password"):
        expect(docs.locator(f'[data-path="{path}"]').first).to_be_visible()


def test_page_is_accessible_and_as_small_as_swagger_ui(
    context: BrowserContext, api_site: ApiSite
) -> None:
    page = context.new_page()
    visit = Visit(page, api_site.url(DOCS))
    summary = page.locator("[id$='-getMe'] .opblock-summary-control")
    summary.wait_for()
    assert visit.bytes() < MAX_BYTES
    encodings = {
        request.url.rpartition("/")[2]: response.headers.get("content-encoding")
        for request in visit.requests
        if "/static/" in request.url and (response := request.response())
    }
    assert set(encodings.values()) == {"gzip"}, encodings
    assert violations(page) == []

    # With the keyboard alone.
    summary.focus()
    page.keyboard.press("Enter")
    page.locator("[id$='-getMe']").get_by_role("button", name="Execute").wait_for()
    assert page.url.endswith("/getMe"), "the address of the operation"
    assert violations(page) == []
    assert not is_wider_than_the_window(page)

    page.get_by_role("button", name="Authorize").first.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Available authorizations")
    expect(dialog.get_by_role("button", name="Close").first).to_be_focused()
    assert violations(page) == []
    assert not is_wider_than_the_window(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Authorize").first).to_be_focused()


def test_page_has_the_sites_colors_in_both_schemes(docs: Page) -> None:
    execute = docs.locator("[id$='-getMe']")
    execute.locator(".opblock-summary-control").click()
    button = execute.get_by_role("button", name="Execute")
    for scheme, color in (("light", DEFAULT), ("dark", dark_of(DEFAULT))):
        docs.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of its values
        channels = ", ".join(str(int(color[start : start + 2], 16)) for start in (1, 3, 5))
        expect(button).to_have_css("background-color", f"rgb({channels})")


def authorize(docs: Page, email: str) -> None:
    """Sign in from the page with the scopes that are selected there."""
    dialog = docs.locator(".dialog-ux")
    flow = dialog.locator(".auth-container", has_text="authorizationCode")
    with docs.context.expect_page() as opened:
        flow.locator("button.authorize").click()
    popup = opened.value
    with popup.expect_event("close"):
        sign_in(popup, email)
    expect(flow.get_by_text("Logout")).to_be_visible()
    dialog.get_by_role("button", name="Close").first.click()


def execute(docs: Page, operation_id: str, path: str) -> Response:
    """Submit the form of an operation without changes, and return the response."""
    operation = docs.locator(f"[id$='-{operation_id}']")
    operation.locator(".opblock-summary-control").click()
    with docs.expect_response(lambda response: path in response.url) as answered:
        operation.get_by_role("button", name="Execute").click()
    return answered.value


def test_user_with_default_scopes_reaches_the_account(docs: Page, api_site: ApiSite) -> None:
    docs.get_by_role("button", name="Authorize").first.click()
    flow = docs.locator(".dialog-ux .auth-container", has_text="authorizationCode")
    expect(flow.get_by_label("client_id")).to_have_value(api_site.stack.pool.docs_client_id)
    authorize(docs, USER.email)

    # begin capability notes
    notes = execute(docs, "listNotes", "/api/v1/notes")
    assert (notes.status, notes.json()) == (200, {"results": [], "next_cursor": None})
    # end capability notes
    profile = execute(docs, "getProfile", "/api/v1/me/profile")
    assert profile.request.headers["authorization"].startswith("Bearer eyJ")
    assert (profile.status, profile.json()["email"]) == (200, USER.email)
    assert execute(docs, "listSessions", "/api/v1/me/sessions").status == 200
    assert docs.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))") == []


def test_token_for_this_api_alone_is_requested_and_accepted(docs: Page, api_site: ApiSite) -> None:
    """The page is as with COGNITO_REQUIRE_AUDIENCE=true, without a server of its own."""
    audience = f"{api_site.stack.public_url}/api"
    docs.add_init_script(
        f"""new MutationObserver(() => {{
            const page = document.getElementById("docs");
            if (page) page.dataset.resource = "{audience}";
        }}).observe(document, {{ childList: true, subtree: true }});"""
    )
    docs.reload()
    docs.get_by_role("button", name="Authorize").first.click()
    authorize(docs, USER.email)

    me = execute(docs, "getMe", "/api/v1/me")
    payload = me.request.headers["authorization"].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(f"{payload}=="))["aud"] == audience
    assert me.status == 200


def test_operator_with_all_scopes_reaches_the_operators_endpoints(
    docs: Page, api_site: ApiSite
) -> None:
    pool = api_site.stack.pool
    client = api_site.stack.aws.cognito().describe_user_pool_client(
        UserPoolId=pool.user_pool_id, ClientId=pool.docs_client_id
    )["UserPoolClient"]
    docs.get_by_role("button", name="Authorize").first.click()
    dialog = docs.locator(".dialog-ux")
    offered = dialog.locator(".scopes input[type=checkbox]").evaluate_all(
        "boxes => boxes.map(box => box.dataset.value)"
    )
    assert set(offered) == set(client["AllowedOAuthScopes"])
    # The page offers no client credentials: a web page must not ask for the secret of a machine.
    expect(dialog.locator(".auth-container", has_text="clientCredentials")).to_have_count(0)
    dialog.get_by_text("select all", exact=True).click()
    authorize(docs, OPERATOR.email)

    me = execute(docs, "getMe", "/api/v1/me").json()
    assert set(me["scopes"]) == set(offered)
    # begin capability console
    for operation, path in (
        ("listUsers", "/api/v1/operators/users"),
        ("listGroups", "/api/v1/operators/groups"),
        ("listAuditEvents", "/api/v1/operators/audit-events"),
    ):
        assert execute(docs, operation, path).status == 200, operation
    # end capability console


def test_content_security_policy_differs_only_in_connections_and_forms(
    page: Page, api_site: ApiSite
) -> None:
    responses = [page.goto(api_site.url(path)) for path in ("/", DOCS)]
    policies = [
        dict(
            directive.split(" ", 1)
            for directive in response.headers["content-security-policy"].split("; ")
        )
        for response in responses
        if response is not None
    ]
    differing = {name for name in policies[0] if policies[0][name] != policies[1].get(name)}
    assert policies[0].keys() == policies[1].keys()
    assert differing == {"connect-src", "form-action"}
    assert policies[1]["connect-src"] == f"'self' {api_site.stack.login_url}"
    assert policies[1]["form-action"] == "'self'"


def test_code_of_another_sign_in_is_not_redeemed(docs: Page, api_site: ApiSite) -> None:
    redeemed: list[str] = []
    docs.on(
        "request",
        lambda request: redeemed.append(request.url) if "/oauth2/token" in request.url else None,
    )
    docs.get_by_role("button", name="Authorize").first.click()
    other = docs.context.new_page()
    other.goto(api_site.url(f"{DOCS}/signed-in?code=planted&state=made-up"))
    assert other.is_closed() or "planted" not in other.url
    docs.wait_for_timeout(300)
    assert redeemed == []
