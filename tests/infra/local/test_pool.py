from __future__ import annotations

import re
from pathlib import Path

import pytest

import infra.local.pool
from infra.aws.provision import COGNITO_TEMPLATE
from infra.aws.stacks import stack_outputs
from infra.local.ministack import MiniStack
from infra.local.pool import STACK_NAME, application_environment, provision_pool

pytestmark = pytest.mark.ministack

# The scopes that earlier versions of the template did not define.
NEW_SCOPES = [
    "account",
    *("operate", "audit"),  # only with console
]

PUBLIC_URL = "http://localhost:8000"


def test_only_the_application_is_an_allowed_callback(
    empty_ministack: MiniStack,
) -> None:
    pool = provision_pool(empty_ministack, public_url=PUBLIC_URL)
    client = empty_ministack.cognito().describe_user_pool_client(
        UserPoolId=pool.user_pool_id, ClientId=pool.web_client_id
    )["UserPoolClient"]
    assert client["CallbackURLs"] == ["http://localhost:8000/accounts/callback/"]
    assert client["LogoutURLs"] == ["http://localhost:8000/accounts/logged-out/"]


def test_another_port_changes_the_callback_and_keeps_the_pool(empty_ministack: MiniStack) -> None:
    before = provision_pool(empty_ministack, public_url=PUBLIC_URL)
    after = provision_pool(empty_ministack, public_url="http://localhost:8001")
    assert after == before
    client = empty_ministack.cognito().describe_user_pool_client(
        UserPoolId=after.user_pool_id, ClientId=after.web_client_id
    )["UserPoolClient"]
    assert client["CallbackURLs"] == ["http://localhost:8001/accounts/callback/"]


def test_pool_of_an_earlier_version_gets_the_new_scopes_and_keeps_its_clients(
    empty_ministack: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = tmp_path / "cognito.yaml"
    text = re.sub(
        rf"        - ScopeName: ({'|'.join(NEW_SCOPES)})\n          ScopeDescription: .*\n",
        "",
        COGNITO_TEMPLATE.read_text().replace("        - !Sub ${Api}/account\n", ""),
    )
    assert not any(f"ScopeName: {scope}" in text for scope in NEW_SCOPES)
    earlier.write_text(text)
    with monkeypatch.context() as patched:
        patched.setattr(infra.local.pool, "COGNITO_TEMPLATE", earlier)
        before = provision_pool(empty_ministack, public_url=PUBLIC_URL)

    after = provision_pool(empty_ministack, public_url=PUBLIC_URL)

    assert after == before
    cognito = empty_ministack.cognito()
    server = cognito.describe_resource_server(UserPoolId=after.user_pool_id, Identifier="api")
    defined = {scope["ScopeName"] for scope in server["ResourceServer"]["Scopes"]}
    assert defined == {"read", "write", *NEW_SCOPES}
    # begin capability docs-page
    docs = cognito.describe_user_pool_client(
        UserPoolId=after.user_pool_id, ClientId=after.docs_client_id
    )["UserPoolClient"]
    assert "api/account" in docs["AllowedOAuthScopes"]
    # end capability docs-page


def test_clients_have_only_the_flows_and_scopes_that_they_need(
    empty_ministack: MiniStack,
) -> None:
    pool = provision_pool(empty_ministack, public_url=PUBLIC_URL)
    clients = {
        client_id: empty_ministack.cognito().describe_user_pool_client(
            UserPoolId=pool.user_pool_id, ClientId=client_id
        )["UserPoolClient"]
        for client_id in (
            pool.web_client_id,
            pool.app_client_id,
            pool.docs_client_id,  # only with docs-page
            pool.machine_client_id,
        )
    }
    web, app = clients[pool.web_client_id], clients[pool.app_client_id]
    machine = clients[pool.machine_client_id]
    for user_client in (web, app):
        assert user_client["AllowedOAuthFlows"] == ["code"]
    assert machine["AllowedOAuthFlows"] == ["client_credentials"]
    assert set(web["AllowedOAuthScopes"]) == {
        "openid",
        "email",
        "profile",
        "aws.cognito.signin.user.admin",
        "api/read",
        "api/write",
    }
    assert set(app["AllowedOAuthScopes"]) == {"openid", "email", "profile", "api/read", "api/write"}
    # begin capability docs-page
    docs = clients[pool.docs_client_id]
    assert docs["AllowedOAuthFlows"] == ["code"]
    assert set(docs["AllowedOAuthScopes"]) == set(web["AllowedOAuthScopes"]) | {"api/account"}
    assert docs["CallbackURLs"] == [f"{PUBLIC_URL}/api/v1/docs/signed-in"]
    assert "ClientSecret" not in docs
    # end capability docs-page
    assert set(machine["AllowedOAuthScopes"]) == {"api/read", "api/write"}
    assert web["ExplicitAuthFlows"] == [
        "ALLOW_USER_AUTH",
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_USER_SRP_AUTH",
    ]
    assert app["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH"]
    assert web["ClientSecret"] == pool.web_client_secret
    assert "ClientSecret" not in app
    for client in clients.values():
        assert client["PreventUserExistenceErrors"] == "ENABLED"
        assert client["EnableTokenRevocation"] is True
        # MiniStack stores a number in a parameter as text. AWS stores a number.
        assert int(client["AccessTokenValidity"]) == 15
        assert client["TokenValidityUnits"]["AccessToken"] == "minutes"


def test_pool_allows_sign_up_with_an_address_and_a_long_password(
    empty_ministack: MiniStack,
) -> None:
    pool_id = provision_pool(empty_ministack, public_url=PUBLIC_URL).user_pool_id
    pool = empty_ministack.cognito().describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert pool["UsernameAttributes"] == ["email"]
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False
    assert pool["AccountRecoverySetting"]["RecoveryMechanisms"] == [
        {"Priority": 1, "Name": "verified_email"}
    ]


def test_client_secret_is_in_no_output_and_no_repr(empty_ministack: MiniStack) -> None:
    pool = provision_pool(empty_ministack, public_url=PUBLIC_URL)
    assert pool.web_client_secret
    outputs = stack_outputs(empty_ministack.cloudformation(), STACK_NAME)
    assert pool.web_client_secret not in f"{pool!r} {outputs}"


def test_environment_names_only_servers_of_this_machine(empty_ministack: MiniStack) -> None:
    login_url = "http://localhost:4567"
    pool = provision_pool(empty_ministack, public_url=PUBLIC_URL, login_url=login_url)
    settings = application_environment(
        empty_ministack,
        pool,
        public_url=PUBLIC_URL,
        login_url=login_url,
        database_url="sqlite:////tmp/db",
    )
    port = empty_ministack.port
    assert settings["COGNITO_DOMAIN"] == "http://localhost:4567"
    assert settings["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{port}"
    assert settings["COGNITO_JWKS_URL"].startswith(f"http://127.0.0.1:{port}/{pool.user_pool_id}/")
    assert settings["COGNITO_ISSUER"] == f"{login_url}/{pool.user_pool_id}"
    assert "amazonaws.com" not in str(settings)


def test_stack_without_its_pool_is_created_again(empty_ministack: MiniStack) -> None:
    lost = provision_pool(empty_ministack, public_url=PUBLIC_URL)
    empty_ministack.cognito().delete_user_pool_domain(
        Domain=STACK_NAME, UserPoolId=lost.user_pool_id
    )
    empty_ministack.cognito().delete_user_pool(UserPoolId=lost.user_pool_id)
    found = provision_pool(empty_ministack, public_url=PUBLIC_URL)
    assert found.user_pool_id != lost.user_pool_id
    assert empty_ministack.cognito().describe_user_pool(UserPoolId=found.user_pool_id)


def test_pool_without_its_stack_is_created_again(empty_ministack: MiniStack) -> None:
    empty_ministack.cognito().create_user_pool(PoolName=STACK_NAME)
    pool = provision_pool(empty_ministack, public_url=PUBLIC_URL)
    listed = empty_ministack.cognito().list_user_pools(MaxResults=10)["UserPools"]
    assert [entry["Id"] for entry in listed] == [pool.user_pool_id]


def test_app_clients_rotate_refresh_tokens_as_the_template_says(
    empty_ministack: MiniStack,
) -> None:
    pool = provision_pool(empty_ministack, public_url=PUBLIC_URL)
    for client_id in (
        pool.web_client_id,
        pool.app_client_id,
        pool.docs_client_id,  # only with docs-page
    ):
        client = empty_ministack.cognito().describe_user_pool_client(
            UserPoolId=pool.user_pool_id, ClientId=client_id
        )["UserPoolClient"]
        assert client["RefreshTokenRotation"] == {
            "Feature": "ENABLED",
            "RetryGracePeriodSeconds": 60,
        }
