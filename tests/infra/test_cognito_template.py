"""The effects of the parameters of infra/cognito.yaml on the local AWS."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from infra.aws.provision import COGNITO_TEMPLATE, provision
from infra.errors import ProvisionError
from infra.local.demo import DEMO_PASSWORD
from infra.local.ministack import MiniStack
from infra.tokens import access_token
from infra.users import ensure_user
from tests.infra.deploy.user_pool.pool_parameters import GOOD, SENDER, SWITCHES

pytestmark = pytest.mark.ministack


class Made:
    """A user pool that is created from the template with these parameters."""

    def __init__(self, ministack: MiniStack, **parameters: str) -> None:
        self.cognito = ministack.cognito()
        self.outputs = provision(
            ministack.cloudformation(),
            stack_name="parameters",
            template=COGNITO_TEMPLATE,
            parameters=GOOD | parameters,
            poll_seconds=0.02,
        ).outputs
        self.id = self.outputs["UserPoolId"]

    @property
    def pool(self) -> Any:
        return self.cognito.describe_user_pool(UserPoolId=self.id)["UserPool"]

    def client(self, name: str) -> Any:
        return self.cognito.describe_user_pool_client(
            UserPoolId=self.id, ClientId=self.outputs[f"{name}ClientId"]
        )["UserPoolClient"]

    def custom_attributes(self) -> set[str]:
        names = {attribute["Name"] for attribute in self.pool["SchemaAttributes"]}
        return {name for name in names if name.startswith("custom:")}


def test_mail_is_sent_by_cognito_by_default(
    empty_ministack: MiniStack,
) -> None:
    configuration = Made(empty_ministack).pool.get("EmailConfiguration", {})
    assert configuration.get("EmailSendingAccount", "COGNITO_DEFAULT") == "COGNITO_DEFAULT"
    assert "SourceArn" not in configuration


def test_mail_is_sent_by_ses_with_an_identity(empty_ministack: MiniStack) -> None:
    plain = Made(empty_ministack, **SWITCHES["mail"])
    assert plain.pool["EmailConfiguration"] == {
        "EmailSendingAccount": "DEVELOPER",
        "SourceArn": SENDER,
        "From": "Example <no-reply@example.com>",
    }
    full = Made(empty_ministack, **SWITCHES["mail in full"])
    assert full.pool["EmailConfiguration"] == {
        "EmailSendingAccount": "DEVELOPER",
        "SourceArn": SENDER,
        "From": "no-reply@mail.example.com",
        "ReplyToEmailAddress": "help@example.org",
        "ConfigurationSet": "bounces",
    }
    # Without the parameters, Cognito sends the mail again.
    assert "SourceArn" not in Made(empty_ministack).pool.get("EmailConfiguration", {})


@pytest.mark.parametrize("mfa", ["OFF", "OPTIONAL", "ON"])
def test_second_factor_is_off_optional_or_required(empty_ministack: MiniStack, mfa: str) -> None:
    made = Made(empty_ministack, Mfa=mfa)
    assert made.pool["MfaConfiguration"] == mfa
    factors = made.cognito.get_user_pool_mfa_config(UserPoolId=made.id)
    enabled = factors.get("SoftwareTokenMfaConfiguration", {}).get("Enabled", False)
    assert enabled is (mfa != "OFF")
    assert "SmsMfaConfiguration" not in factors


def test_creating_users_can_be_limited_to_operators(empty_ministack: MiniStack) -> None:
    for only, expected in (("false", False), ("true", True)):
        made = Made(empty_ministack, AdminCreateUserOnly=only)
        assert made.pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is expected


def test_tokens_have_the_configured_lifetimes(empty_ministack: MiniStack) -> None:
    made = Made(empty_ministack, AccessTokenMinutes="7", IdTokenMinutes="60", RefreshTokenDays="1")
    for name in ("Web", "App"):
        client = made.client(name)
        lifetimes = [client[f"{token}Validity"] for token in ("AccessToken", "IdToken")]
        assert [int(lifetime) for lifetime in lifetimes] == [7, 60]
        assert int(client["RefreshTokenValidity"]) == 1
        assert client["TokenValidityUnits"] == {
            "AccessToken": "minutes",
            "IdToken": "minutes",
            "RefreshToken": "days",
        }
    ensure_user(
        made.cognito,
        user_pool_id=made.id,
        email="ann@example.com",
        password=DEMO_PASSWORD,
        groups=[],
    )
    web = made.client("Web")
    token = access_token(
        made.cognito,
        client_id=web["ClientId"],
        client_secret=web["ClientSecret"],
        email="ann@example.com",
        password=DEMO_PASSWORD,
    )
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["exp"] - claims["iat"] == 7 * 60


def test_custom_attributes_are_added_to_an_existing_pool_and_read_only_for_clients(
    empty_ministack: MiniStack,
) -> None:
    before = Made(empty_ministack, CustomAttribute1="tenant")
    assert before.custom_attributes() == {"custom:tenant"}
    made = Made(empty_ministack, CustomAttribute1="tenant", CustomAttribute2="plan")
    assert made.id == before.id
    assert made.custom_attributes() == {"custom:tenant", "custom:plan"}
    for name in ("Web", "App"):
        client = made.client(name)
        assert not {"custom:tenant", "custom:plan"} & set(client["WriteAttributes"])
        # ID tokens contain only the listed attributes.
        assert {"custom:tenant", "custom:plan"} <= set(client["ReadAttributes"])
        assert set(client["WriteAttributes"]) <= set(client["ReadAttributes"])


def test_hosted_ui_has_the_configured_custom_domain(
    empty_ministack: MiniStack,
) -> None:
    by_prefix = Made(empty_ministack)
    url = "https://gatehouse.auth.eu-west-1.amazoncognito.com"
    assert by_prefix.outputs["HostedUIUrl"] == url
    assert "HostedUIAlias" not in by_prefix.outputs
    own = Made(empty_ministack, **SWITCHES["custom domain"])
    assert own.id == by_prefix.id
    assert own.outputs["HostedUIUrl"] == "https://login.example.com"
    described = own.cognito.describe_user_pool_domain(Domain="login.example.com")[
        "DomainDescription"
    ]
    assert described["UserPoolId"] == own.id
    assert described["CustomDomainConfig"] == {
        "CertificateArn": SWITCHES["custom domain"]["CustomDomainCertificate"]
    }
    assert own.outputs["HostedUIAlias"] == described["CloudFrontDistribution"]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("AccessTokenMinutes", "1441"), ("Mfa", "YES"), ("OidcIssuer", "http://example.com")],
)
def test_cloudformation_refuses_an_invalid_parameter_too(
    empty_ministack: MiniStack, parameter: str, value: str
) -> None:
    with pytest.raises(ProvisionError, match=parameter):
        Made(empty_ministack, **{parameter: value})
