from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from infra.errors import InfraError
from infra.product.names import Names

ACME = Names("Acme Portal", "acme")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Gatehouse signs users in. Gatehouse's pages",
            "Acme Portal signs users in. Acme Portal's pages",
        ),
        (
            "gatehouse-session, gatehouse/dev, running_gatehouse",
            "acme-session, acme/dev, running_acme",
        ),
        ("GATEHOUSE_PASSWORD", "ACME_PASSWORD"),
        ("class GatehouseAdminSite, AGatehouse", "class AcmeAdminSite, AAcme"),
        ("Gatehouse-demo-1, Gatehouse_x", "Acme-demo-1, Acme_x"),
        ('default="Gatehouse",', 'default="Acme Portal",'),
        ("Gate & house, gate house", "Gate & house, gate house"),
    ],
)
def test_each_form_of_the_name_is_replaced(text: str, expected: str) -> None:
    assert ACME.in_text(text) == expected


def test_folders_and_files_get_the_package() -> None:
    path = PurePosixPath("accounts/static/gatehouse/Gatehouse.css")
    assert ACME.in_path(path) == PurePosixPath("accounts/static/acme/acme.css")


def test_name_that_contains_the_old_one_is_written_once() -> None:
    names = Names("Gatehouse Two", "gatehouse2")
    assert names.in_text("Gatehouse, gatehouse") == "Gatehouse Two, gatehouse2"


@pytest.mark.parametrize(
    "name",
    [
        "",
        " Acme",
        "Acme  Portal",
        "4cme",
        "Acme's",
        'A"',
        "A\nB",
        "Acme: x",
        "<b>",
        "Müller",
        "A" * 31,
    ],
)
def test_name_with_other_characters_is_refused(name: str) -> None:
    with pytest.raises(InfraError, match=r"^The name .* is invalid: expected letters"):
        Names(name, "acme")


@pytest.mark.parametrize(
    "package",
    ["", "a", "Acme", "4cme", "acme-portal", "acme_portal", "a" * 17, "import", "../x", "äcme"],
)
def test_package_with_other_characters_is_refused(package: str) -> None:
    with pytest.raises(InfraError, match=r"^The package .* is invalid: expected 2 to 16"):
        Names("Acme", package)


@pytest.mark.parametrize("package", ["awsm", "mycognito", "amazonas"])
def test_package_that_cognito_allows_in_no_domain_is_refused(package: str) -> None:
    with pytest.raises(InfraError, match="Cognito allows no domain with"):
        Names("Acme", package)
