"""Our own checks of the Cognito template, on the template and on mistakes in copies of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.deploy.template_checks import check
from infra.errors import InfraError
from infra.provision import COGNITO_TEMPLATE

GOOD = {
    "DomainPrefix": "gatehouse",
    "CallbackUrls": "https://app.example.com/accounts/callback/",
    "LogoutUrls": "https://app.example.com/accounts/logged-out/",
}


def test_the_template_is_as_it_should_be() -> None:
    check(COGNITO_TEMPLATE, GOOD)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000/accounts/callback/",
        "http://abc.execute-api.localhost:4566/dev/accounts/callback/",
        "http://127.0.0.1:8000/callback",
        "com.example.app://callback",
    ],
)
def test_this_machine_and_applications_are_good_callbacks(url: str) -> None:
    check(COGNITO_TEMPLATE, GOOD | {"AppCallbackUrls": url})


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example.com/callback",
        "http://localhost.evil.example/callback",
        "http://evil.example/localhost",
        "https://*.example.com/callback",
        "https://app.example.com/callback#fragment",
        "app.example.com/callback",
        "",
    ],
)
def test_other_callbacks_are_refused(url: str) -> None:
    with pytest.raises(InfraError, match="CallbackUrls: "):
        check(COGNITO_TEMPLATE, GOOD | {"CallbackUrls": f"{GOOD['CallbackUrls']},{url}"})


def test_too_many_callbacks_are_refused() -> None:
    urls = ",".join(f"https://{number}.example.com/" for number in range(101))
    with pytest.raises(InfraError, match="101 addresses; Cognito takes 100"):
        check(COGNITO_TEMPLATE, GOOD | {"LogoutUrls": urls})


def test_a_scope_that_nothing_defines_is_found(tmp_path: Path) -> None:
    template = tmp_path / "cognito.yaml"
    template.write_text(COGNITO_TEMPLATE.read_text().replace("${Api}/write", "${Api}/wirte"))
    with pytest.raises(InfraError, match=r"WebClient: no such scope: \$\{Api\}/wirte"):
        check(template, GOOD)


def test_a_mistyped_parameter_is_found() -> None:
    with pytest.raises(InfraError, match="no parameter AllowedEmailDomain"):
        check(COGNITO_TEMPLATE, GOOD | {"AllowedEmailDomain": "example.com"})
