"""A walk through every page of the site, of the console and of the local hosted UI.

Each function opens one page after the other, in any language, and yields the name of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from playwright.sync_api import Page

from tests.e2e.conftest import Site

PROFILE, SECOND_FACTOR = "/accounts/profile/", "/accounts/second-factor/"
DIRECTORY, TRAIL = "/admin/accounts/directory/", "/admin/accounts/auditevent/"  # only with console
GROUPS = f"{DIRECTORY}groups/"  # only with console

# The third and the fourth are error pages with a message of their own, the last is any other.
VISITOR = ("/", "/accounts/logged-out/", "/accounts/callback/", "/accounts/logout/", "/nowhere")
ACCOUNT = (
    "/",
    PROFILE,
    *(f"{PROFILE}{name}/" for name in ("name", "email", "phone", "password")),
    f"{PROFILE}sign-in-methods/",
    f"{PROFILE}passkeys/add/",
    *(SECOND_FACTOR, f"{SECOND_FACTOR}off/"),
    *(f"{PROFILE}{name}/" for name in ("devices", "data", "delete")),
    "/accounts/logged-out/",
    # The user is not an operator.
    "/admin/",  # only with console
)
# begin capability console
CONSOLE = (
    *("/admin/?range=24h", "/admin/?range=90d"),
    "/admin/accounts/",
    *(DIRECTORY, f"{DIRECTORY}?q=unknown", f"{DIRECTORY}invite/", f"{DIRECTORY}users/unknown/"),
    *(GROUPS, f"{GROUPS}operators/", f"{GROUPS}operators/edit/", f"{GROUPS}operators/delete/"),
    f"{TRAIL}?q=unknown&outcome__exact=failure",
    "/admin/auth/group/add/",
)
# begin capability console
# end capability console
# The lists of Django's admin, with the pages of an object: "" is the object itself.
LISTS = {
    "accounts/browsersession": ("", "delete/"),
    "accounts/auditevent": ("",),
    "accounts/revocation": ("",),
    "accounts/user": ("", "history/"),
    "auth/group": ("", "delete/"),
}
# begin capability console
# end capability console
ACTIONS = ("disable", "add-to-group", "delete")
# end capability console
HOSTED_UI = (
    *("/", "/mailbox", "/signup", "/confirmUser"),
    *("/forgotPassword", "/confirmForgotPassword"),
)


def _submit(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.locator(f"{button} >> visible=true").first.click()


def _open(page: Page, site: Site, paths: tuple[str, ...]) -> Iterator[str]:
    for path in paths:
        page.goto(site.url(path))
        yield path


def of_visitor(page: Page, site: Site) -> Iterator[str]:
    yield from _open(page, site, VISITOR)


def of_hosted_ui(page: Page, site: Site, email: str) -> Iterator[str]:
    """Open its pages up to that for a code by e-mail."""
    sign_in = urlencode(
        {
            "response_type": "code",
            "client_id": site.stack.pool.web_client_id,
            "redirect_uri": site.url("/accounts/callback/"),
            "scope": "openid",
        }
    )
    for path in (*HOSTED_UI, "/login"):
        page.goto(f"{site.stack.login_url}{path}?{sign_in}")
        yield f"hosted UI {path}"
    page.get_by_label("E-mail").fill(email)
    _submit(page, "text=Continue")
    yield "hosted UI, ways to sign in"
    _submit(page, "text=E-mail me a code")
    yield "hosted UI, code"


def of_user(page: Page, site: Site) -> Iterator[str]:
    yield from _open(page, site, ACCOUNT)
    page.goto(site.url(SECOND_FACTOR))
    _submit(page, "form[action$='/app/'] button")
    yield "authenticator app"
    page.fill("input[name=code]", "none")
    _submit(page, "form[action$='/confirm/'] button")
    yield "authenticator app, refused"
    page.goto(site.url(f"{PROFILE}email/"))
    page.fill("main input[name=email]", "a-rather-long-and-not-yet-confirmed@example.com")
    _submit(page, "main form button")
    yield "code"
    yield from _open(page, site, (PROFILE,))
    page.goto(site.url(f"{PROFILE}code/"))
    _submit(page, "button[name=cancel]")
    yield "after a cancellation"


# begin capability console
def of_operator(page: Page, site: Site, person: str) -> Iterator[str]:
    """Open the pages of the console. This signs out the user with the address `person`."""
    page.goto(site.url(f"{DIRECTORY}?{urlencode({'q': person})}"))
    yield "users, found"
    _submit(page, "main th a")
    yield "person"
    address = page.url
    for action in ACTIONS:
        page.goto(f"{address}{action}/")
        yield f"person, {action}"
    page.goto(f"{address}set-temporary-password/")
    yield "person, set-temporary-password"
    _submit(page, "main form button[type=submit]")
    yield "temporary password"

    page.goto(site.url(DIRECTORY))
    page.locator("tr", has_text=person).locator("input[name=user]").check()
    page.select_option("select[name=action]", "sign-out")
    _submit(page, ".bulk button")
    yield "several users"
    _submit(page, "main form button[type=submit]")
    yield "several users, done"
    page.goto(site.url(f"{GROUPS}operators/delete/"))
    _submit(page, "main form button[type=submit]")
    yield "refused action"

    yield from _open(page, site, CONSOLE)
    for name, parts in LISTS.items():
        page.goto(site.url(f"/admin/{name}/"))
        yield f"/admin/{name}/"
        link = page.locator("#result_list tbody a[href*='/change/']").first.get_attribute("href")
        assert link is not None
        for part in parts:
            page.goto(site.url(link.replace("change/", part) if part else link))
            yield f"/admin/{name}/…/{part}"


# end capability console
