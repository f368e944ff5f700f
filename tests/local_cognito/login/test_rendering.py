"""The pages of the local hosted UI show the name of the site."""

from __future__ import annotations

import pytest

from local_cognito.login import branding, rendering


def test_page_shows_the_sites_name_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branding, "SITE_NAME", "Überall & <b>Söhne</b>")
    response = rendering.page("message", "Signed out", text="See you soon.")
    page = response.get_data(as_text=True)
    assert page.count("Überall &amp; &lt;b&gt;Söhne&lt;/b&gt;") == 2, "in the title and the header"
    assert "Gatehouse" not in page


def test_no_page_has_a_name_of_its_own() -> None:
    pages = list(rendering.DIRECTORY.glob("*.html"))
    assert len(pages) > 8
    for page in pages:
        assert "Gatehouse" not in page.read_text("utf-8"), page.name
