"""A sign-out that the hosted UI redirects to the user's identity provider (`SamlSignOut`)."""

from __future__ import annotations

from email.message import Message
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from infra.local.demo import USER
from tests.e2e.conftest import Site
from tests.support.browser import sign_in
from tests.support.provider.server import Reply, Server
from tests.support.provider.wire import HTTPAnswer

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]


def test_sign_out_passes_through_another_origin(page: Page, site: Site) -> None:
    back = site.url("/accounts/logged-out/")
    visited: list[str] = []

    def provider(
        _method: str, path: str, _query: list[Any], _headers: Message, _body: bytes
    ) -> Reply:
        visited.append(path)
        return Reply(HTTPAnswer(302, headers={"Location": back}))

    with Server().running() as server, server.serving(provider):

        def hosted_ui(route: Route) -> None:
            route.fulfill(status=302, headers={"Location": f"{server.url}/slo"})

        page.route(f"{site.stack.login_url}/logout?*", hosted_ui)
        page.goto(site.url("/accounts/profile/"))
        sign_in(page, USER.email)
        page.get_by_role("button", name="Sign out", exact=True).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    assert visited == ["/slo"]
    assert page.url == back
