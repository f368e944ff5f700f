"""Variables of the site as parameters of the user pool's template."""

from __future__ import annotations

import pytest

from infra.errors import InfraError
from infra.site import site_colors, site_parameters
from project.environment import colors

URL = "https://app.example.com"


def test_address_is_the_only_parameter_that_is_always_set() -> None:
    assert site_parameters({}, public_url=URL) == {"SiteUrl": URL}
    assert site_parameters({"SITE_NAME": "", "SITE_COLOR": ""}, public_url=URL) == {"SiteUrl": URL}
    assert site_colors({}) == {}


def test_name_and_support_are_passed_on() -> None:
    environment = {"SITE_NAME": "Acme", "SITE_SUPPORT": "mailto:help@example.com"}
    assert site_parameters(environment, public_url=URL) == {
        "SiteUrl": URL,
        "SiteName": "Acme",
        "SiteSupport": "help@example.com",
    }


def test_color_of_dark_pages_is_that_of_the_application() -> None:
    dark = colors.dark_of("#4f46e5")
    assert site_colors({"SITE_COLOR": "4F46E5"}) == {
        "SITE_COLOR": "#4f46e5",
        "SITE_COLOR_DARK": dark,
    }
    parameters = site_parameters({"SITE_COLOR": "#4f46e5"}, public_url=URL)
    assert parameters == {
        "SiteUrl": URL,
        "SiteColor": "4f46e5",
        "SiteColorHover": "3f38b7",
        "SiteColorDark": dark[1:],
        "SiteColorDarkHover": "bdb9f5",
    }


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({"SITE_COLOR": "#ffcc00"}, "SITE_COLOR: .* choose a darker one, such as #856a00"),
        (
            {"SITE_COLOR": "#4f46e5", "SITE_COLOR_DARK": "#000"},
            "SITE_COLOR_DARK: .* choose a lighter one",
        ),
    ],
)
def test_illegible_color_is_refused_before_anything_is_created(
    environment: dict[str, str], problem: str
) -> None:
    with pytest.raises(InfraError, match=problem):
        site_parameters(environment, public_url=URL)
