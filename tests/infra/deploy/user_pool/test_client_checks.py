from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.aws.provision import COGNITO_TEMPLATE
from infra.deploy.user_pool.template_checks import check
from infra.errors import InfraError
from tests.infra.deploy.user_pool.pool_parameters import GOOD, SWITCHES


def changed_client(directory: Path, client: str, old: str, new: str) -> Path:
    """Return a copy of the template with the first `old` after the client's name replaced."""
    before, found, after = COGNITO_TEMPLATE.read_text().partition(f"\n  {client}:\n")
    assert old in after
    copy = directory / "cognito.yaml"
    copy.write_text(before + found + after.replace(old, new, 1))
    return copy


def numbered(pattern: str, count: int, separator: str = "") -> str:
    return separator.join(pattern.format(number) for number in range(count))


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000/accounts/callback/",
        "http://abc.execute-api.localhost:4566/dev/accounts/callback/",
        "http://127.0.0.1:8000/callback",
        "com.example.app://callback",
    ],
)
def test_callback_on_this_machine_or_in_an_application_is_valid(url: str) -> None:
    check(COGNITO_TEMPLATE, GOOD | {"AppCallbackUrls": url})


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example.com/callback",
        "http://localhost.evil.example/callback",
        "http://evil.example/localhost",
        "https://*.example.com/callback",
        "https://app.example.com/callback#fragment",
        "https://app.example.com/" + "x" * 1024,
        "app.example.com/callback",
        "",
    ],
)
@pytest.mark.parametrize(
    ("parameter", "where"),
    [
        ("CallbackUrls", "WebClient: CallbackURLs: "),
        ("LogoutUrls", "WebClient: LogoutURLs: "),
        ("AppCallbackUrls", "AppClient: CallbackURLs: "),
        ("AppLogoutUrls", "AppClient: LogoutURLs: "),
        ("DocsCallbackUrls", "DocsClient: CallbackURLs: "),  # only with docs-page
    ],
)
def test_unsafe_callback_is_refused(parameter: str, where: str, url: str) -> None:
    with pytest.raises(InfraError, match=where):
        check(COGNITO_TEMPLATE, GOOD | {parameter: f"https://app.example.com/,{url}"})


def test_too_many_callbacks_are_refused() -> None:
    urls = numbered("https://{}.example.com/", 101, ",")
    with pytest.raises(InfraError, match="LogoutURLs: 101 addresses; Cognito allows 100"):
        check(COGNITO_TEMPLATE, GOOD | {"LogoutUrls": urls})


@pytest.mark.parametrize(
    ("client", "old", "new", "complaint"),
    [
        ("WebClient", "${Api}/write", "${Api}/wirte", "no such scope: ${Api}/wirte"),
        ("MachineClient", "${Api}/read", "other/read", "no such scope: other/read"),
        # CloudFormation could change the client before the resource server that has the scope.
        ("AppClient", "!Sub ${Api}/read", "api/read", "no such scope: api/read; write those of"),
        ("MachineClient", "${Api}/write", "${Api}/account", "no effect for client credentials"),
        ("MachineClient", "${Api}/write", "${Api}/operate", "no effect for client credentials"),
        ("AppClient", "${Api}/write", "${Api}/operate", "no client of a third party may have it"),
        ("AppClient", "${Api}/write", "${Api}/audit", "no client of a third party may have it"),
        (
            "AppClient",
            "        - openid\n",
            numbered("        - {0}\n", 46) + "        - openid\n",
            "51 scopes; Cognito allows 50",
        ),
        ("WebClient", "OAuthFlows: [code]", "OAuthFlows: [implicit]", "the implicit flow exposes"),
        ("MachineClient", "GenerateSecret: true", "GenerateSecret: false", "with a secret"),
        ("MachineClient", "[client_credentials]", "[code]", "the code flow needs a callback"),
        ("AppClient", "[ALLOW_USER_SRP_AUTH]", "[ALLOW_USER_PASSWORD_AUTH]", "RFC 9700, 2.4"),
        ("WebClient", "Errors: ENABLED", "Errors: LEGACY", "PreventUserExistenceErrors must be"),
        ("AppClient", "Revocation: true", "Revocation: false", "EnableTokenRevocation must be"),
        ("WebClient", "!Ref AccessTokenMinutes", "2", "AccessTokenValidity: 120 s; Cognito allows"),
        ("WebClient", "IdToken: minutes", "IdToken: days", "IdTokenValidity: 1296000 s; Cognito"),
        (
            "AppClient",
            "RefreshToken: days",
            "RefreshToken: minutes",
            "would expire before the Access",
        ),
        ("AppClient", "Feature: ENABLED", "Feature: DISABLED", "must rotate"),
        ("WebClient", "GracePeriodSeconds: 60", "GracePeriodSeconds: 61", "allows 0 to 60"),
        (
            "AppClient",
            "[ALLOW_USER_SRP_AUTH]",
            "[ALLOW_USER_SRP_AUTH, ALLOW_REFRESH_TOKEN_AUTH]",
            "Cognito does not allow ALLOW_REFRESH_TOKEN_AUTH together",
        ),
        ("AppClient", "        - COGNITO\n", "        - Okta\n", "no such identity provider: Okta"),
        ("WebClient", "        - COGNITO\n", "", "so no user could sign in"),
    ],
)
def test_invalid_client_is_found(
    tmp_path: Path, client: str, old: str, new: str, complaint: str
) -> None:
    template = changed_client(tmp_path, client, old, new)
    with pytest.raises(InfraError, match=f"{client}: .*{re.escape(complaint)}"):
        check(template, GOOD)


def with_own_client(directory: Path, metadata: str) -> Path:
    """Return a copy of the template with a client that may use the rights of operators."""
    text = COGNITO_TEMPLATE.read_text()
    tool = text.partition("\n  AppClient:\n")[2].partition("\n\n")[0]
    tool = tool.replace("${Api}/read", "${Api}/operate").replace("${Api}/write", "${Api}/audit")
    template = directory / "cognito.yaml"
    added = f"\n  AuditTool:\n{metadata}{tool}\n\n  AppClient:\n"
    template.write_text(text.replace("\n  AppClient:\n", added))
    return template


@pytest.mark.parametrize("run_by", ["a third party", "Deployer"])
def test_client_of_a_third_party_cannot_have_the_rights_of_operators(
    tmp_path: Path, run_by: str
) -> None:
    with pytest.raises(InfraError) as refused:
        check(with_own_client(tmp_path, f"    Metadata: {{RunBy: {run_by}}}\n"), GOOD)
    for right in ("operate", "audit"):
        assert f"AuditTool: ${{Api}}/{right}: no client of a third party" in str(refused.value)


# begin capability console
def test_client_that_the_deployer_runs_may_have_the_rights_of_operators(tmp_path: Path) -> None:
    template = with_own_client(tmp_path, "    Metadata: {RunBy: deployer}\n")
    check(template, GOOD | SWITCHES["classic pages"])


# end capability console


def test_third_party_client_may_manage_accounts_if_the_deployer_lets_it(tmp_path: Path) -> None:
    check(changed_client(tmp_path, "AppClient", "${Api}/write", "${Api}/account"), GOOD)
