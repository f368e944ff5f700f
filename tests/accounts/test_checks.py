from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import pytest
from django.core import checks as django_checks
from django.test import override_settings

from accounts import checks, project_checks
from cognito.testing import SigningKey
from project.environment.trusted_proxy import parse

POOL = "eu-west-1_TestPool1"
ISSUER = f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL}"

CONSISTENT: dict[str, object] = {
    "PUBLIC_URL": "https://gate.example.com",
    "COGNITO_REGION": "eu-west-1",
    "COGNITO_USER_POOL_ID": POOL,
    "COGNITO_CLIENT_ID": "web1",
    "COGNITO_DOMAIN": "https://gate.auth.eu-west-1.amazoncognito.com",
    "COGNITO_ISSUER": ISSUER,
    "COGNITO_JWKS_URL": f"{ISSUER}/.well-known/jwks.json",
    "COGNITO_JWKS": "",
    "COGNITO_SCOPES": ("openid", "email", "aws.cognito.signin.user.admin"),
    "COGNITO_API_CLIENT_IDS": frozenset({"robot1"}),
    "COGNITO_DOCS_CLIENT_ID": "",  # only with docs-page
    "COGNITO_FIRST_PARTY_CLIENT_IDS": frozenset({"web1"}),
    "COGNITO_STAFF_GROUPS": frozenset({"operators"}),
    "COGNITO_SUPERUSER_GROUPS": frozenset({"owners"}),
}

LOCAL = {
    "PUBLIC_URL": "http://localhost:8000",
    "COGNITO_DOMAIN": "http://localhost:4567",
    "COGNITO_JWKS_URL": f"http://localhost:4566/{POOL}/.well-known/jwks.json",
}


def found(**changed: object) -> set[str]:
    """Return the ids of the messages about consistent settings with these changes."""
    with override_settings(**CONSISTENT | changed):
        messages = [message for check in checks.CHECKS for message in check()]
    assert all(message.hint for message in messages)
    return {str(message.id).removeprefix("gatehouse.") for message in messages}


def test_pool_on_aws_passes() -> None:
    assert found() == set()


def test_local_pool_passes() -> None:
    assert found(**LOCAL) == set()


def test_newer_form_of_the_issuer_passes() -> None:
    issuer = f"https://issuer-cognito-idp.eu-west-1.amazonaws.com/{POOL}"

    assert found(COGNITO_ISSUER=issuer, COGNITO_JWKS_URL=f"{issuer}/.well-known/jwks.json") == set()


def test_pool_in_china_has_another_suffix() -> None:
    pool = "cn-north-1_TestPool1"
    issuer = f"https://cognito-idp.cn-north-1.amazonaws.com.cn/{pool}"

    assert (
        found(
            COGNITO_REGION="cn-north-1",
            COGNITO_USER_POOL_ID=pool,
            COGNITO_ISSUER=issuer,
            COGNITO_JWKS_URL=f"{issuer}/.well-known/jwks.json",
            COGNITO_DOMAIN="https://login.example.cn",
        )
        == set()
    )


@pytest.mark.parametrize(
    "issuer",
    [
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_OtherPool",
        f"https://cognito-idp.us-east-1.amazonaws.com/{POOL}",
        f"https://cognito-idp.eu-west-1.amazonaws.com.evil.example/{POOL}",
        f"{ISSUER}/more",
    ],
)
def test_issuer_of_another_pool_is_reported(issuer: str) -> None:
    keys = f"{ISSUER}/.well-known/jwks.json"

    assert found(COGNITO_ISSUER=issuer, COGNITO_JWKS_URL=keys) == {"E001"}


@pytest.mark.parametrize(
    "url",
    [
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_OtherPool/.well-known/jwks.json",
        f"https://keys.example.com/{POOL}/.well-known/jwks.json",
        f"{ISSUER}/.well-known/openid-configuration",
    ],
)
def test_keys_of_another_pool_are_reported(url: str) -> None:
    assert found(COGNITO_JWKS_URL=url) == {"E002"}


def test_keys_of_another_local_pool_are_reported() -> None:
    url = "http://localhost:4566/eu-west-1_OtherPool/.well-known/jwks.json"

    assert found(**LOCAL | {"COGNITO_JWKS_URL": url}) == {"E002"}


def test_keys_in_the_configuration_pass(signing_key: SigningKey) -> None:
    keys = [signing_key.jwk()]

    assert found(COGNITO_JWKS=json.dumps({"keys": keys})) == set()


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [{"kty": "oct", "k": "c2VjcmV0", "kid": "1", "alg": "HS256", "use": "sig"}],
        [{"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig", "n": "AQAB", "e": "AQAB"}],
        ["not a key", None],
    ],
)
def test_unusable_keys_in_the_configuration_are_reported(keys: list[object]) -> None:
    assert found(COGNITO_JWKS=json.dumps({"keys": keys})) == {"E003"}


def test_domain_with_a_path_is_reported() -> None:
    domain = "https://gate.auth.eu-west-1.amazoncognito.com/oauth2/authorize"

    assert found(COGNITO_DOMAIN=domain) == {"E004"}


@pytest.mark.parametrize(
    "domain",
    [
        "https://gate.auth.us-east-1.amazoncognito.com",
        "https://gate.auth-fips.us-east-1.amazoncognito.com",
    ],
)
def test_domain_of_another_region_is_reported(domain: str) -> None:
    assert found(COGNITO_DOMAIN=domain) == {"E005"}


def test_custom_domain_passes() -> None:
    assert found(COGNITO_DOMAIN="https://login.example.com") == set()


@pytest.mark.parametrize(
    "changed",
    [
        {"COGNITO_DOMAIN": "http://localhost:4567"},
        {"COGNITO_JWKS_URL": f"http://127.0.0.1:4566/{POOL}/.well-known/jwks.json"},
        {"COGNITO_ISSUER": f"http://127.0.0.1:4566/{POOL}"},
    ],
)
def test_public_site_with_a_loopback_address_of_cognito_is_reported(
    changed: dict[str, object],
) -> None:
    assert found(**changed) == {"E006"}


@pytest.mark.parametrize("client_id", ["two words", "dash-ed", "x" * 129, "trailing\n", "é"])
def test_malformed_client_id_is_reported(client_id: str) -> None:
    assert found(COGNITO_API_CLIENT_IDS=frozenset({client_id})) == {"E007"}


def test_first_party_client_that_is_not_accepted_is_reported() -> None:
    assert found(COGNITO_FIRST_PARTY_CLIENT_IDS=frozenset({"web1", "app2"})) == {"E008"}


def test_first_party_client_among_the_additional_clients_passes() -> None:
    assert found(COGNITO_FIRST_PARTY_CLIENT_IDS=frozenset({"web1", "robot1"})) == set()


# begin capability docs-page
def test_client_of_the_documentation_that_is_not_accepted_is_reported() -> None:
    assert found(COGNITO_DOCS_CLIENT_ID="page1") == {"E011"}


# end capability docs-page


# begin capability docs-page
@pytest.mark.parametrize("client_id", ["web1", "robot1"])
def test_any_accepted_client_can_be_the_client_of_the_documentation(client_id: str) -> None:
    assert found(COGNITO_DOCS_CLIENT_ID=client_id) == set()


# end capability docs-page


def test_client_named_twice_is_reported() -> None:
    assert found(COGNITO_API_CLIENT_IDS=frozenset({"web1", "robot1"})) == {"W001"}


def test_scopes_with_commas_are_reported() -> None:
    scopes = ("openid", "email,profile", "aws.cognito.signin.user.admin")

    assert found(COGNITO_SCOPES=scopes) == {"E009"}


def test_missing_self_service_scope_is_reported() -> None:
    assert found(COGNITO_SCOPES=("openid", "email")) == {"W002"}


@pytest.mark.parametrize("name", ["COGNITO_STAFF_GROUPS", "COGNITO_SUPERUSER_GROUPS"])
def test_group_with_a_space_in_its_name_is_reported(name: str) -> None:
    assert found(**{name: frozenset({"operators admins"})}) == {"E010"}


def test_configuration_without_a_group_for_the_admin_is_reported() -> None:
    no_groups: frozenset[str] = frozenset()

    assert found(COGNITO_STAFF_GROUPS=no_groups, COGNITO_SUPERUSER_GROUPS=no_groups) == {"W003"}


def test_configuration_with_only_a_superuser_group_passes() -> None:
    assert found(COGNITO_STAFF_GROUPS=frozenset()) == set()


def test_group_for_both_staff_and_superusers_is_reported() -> None:
    assert found(COGNITO_SUPERUSER_GROUPS=frozenset({"operators"})) == {"W004"}


@override_settings(**CONSISTENT | {"COGNITO_SCOPES": ("openid",), "MIDDLEWARE": []})
def test_manage_py_check_runs_the_checks_of_settings_and_of_projects() -> None:
    said = django_checks.run_checks(tags=[django_checks.Tags.security])

    assert {"gatehouse.W002", "gatehouse.E015"} <= {message.id for message in said}


def test_every_check_has_a_unique_id_and_a_line_in_the_documentation() -> None:
    source = inspect.getsource(checks) + inspect.getsource(project_checks)
    in_code = re.findall(r'id="(gatehouse\.[EW]\d{3})"', source)
    page = Path(__file__).parents[2].joinpath("docs", "system-checks.md").read_text("utf-8")
    in_page = re.findall(r"^\| `(gatehouse\.[EW]\d{3})` \|", page, flags=re.MULTILINE)

    assert sorted(in_code) == sorted(set(in_code))
    assert in_page == sorted(in_code)


@pytest.mark.parametrize("networks", ["0.0.0.0/0", "::/0", "10.0.0.0/8,::/0"])
def test_trusting_every_address_is_reported(networks: str) -> None:
    assert found(TRUSTED_PROXY=parse(f"1 {networks}")) == {"E012"}


@pytest.mark.parametrize("raw", ["none", "1 10.0.0.0/8", "1 unix", "2 unix,fd00::/8"])
def test_proxies_in_their_own_networks_pass(raw: str) -> None:
    assert found(TRUSTED_PROXY=parse(raw)) == set()


def test_forgotten_unix_socket_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--workers 2 --bind unix:/run/gatehouse.sock")
    for raw in ("none", "1 127.0.0.1"):
        assert found(TRUSTED_PROXY=parse(raw)) == {"E013"}
    assert found(TRUSTED_PROXY=parse("1 unix")) == set()
