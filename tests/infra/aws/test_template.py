"""Resources of the rendered infra/cognito.yaml that the local AWS cannot create."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.aws.provision import COGNITO_TEMPLATE
from infra.aws.template import load_template, render, template_body
from tests.infra.deploy.user_pool.pool_parameters import GOOD, SWITCHES

PROVIDER = "AWS::Cognito::UserPoolIdentityProvider"
BRANDING = "AWS::Cognito::ManagedLoginBranding"


def resources(*switches: str, **changes: str) -> dict[str, dict[str, object]]:
    parameters = dict(GOOD)
    for switch in switches:
        parameters |= SWITCHES[switch]
    return render(load_template(COGNITO_TEMPLATE), parameters | changes)


def of_type(rendered: dict[str, dict[str, object]], kind: str) -> dict[str, dict[str, object]]:
    return {name: one for name, one in rendered.items() if one["Type"] == kind}


def test_body_for_cloudformation_is_the_same_template_and_fits(tmp_path: Path) -> None:
    body = template_body(COGNITO_TEMPLATE)
    copy = tmp_path / "cognito.yaml"
    copy.write_text(body, "utf-8")
    assert load_template(copy) == load_template(COGNITO_TEMPLATE)
    # What create_change_set takes: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/
    assert len(body.encode()) <= 51_200


def test_options_that_are_off_by_default_create_no_resource() -> None:
    rendered = resources()
    assert {one["Type"] for one in rendered.values()} == {
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolDomain",
        "AWS::Cognito::UserPoolResourceServer",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolGroup",
        BRANDING,
    }
    for client in ("WebClient", "AppClient"):
        assert rendered[client]["SupportedIdentityProviders"] == ["COGNITO"]
    assert rendered["Domain"]["ManagedLoginVersion"] == 2


@pytest.mark.parametrize(
    ("switches", "factors"),
    [
        ((), ["PASSWORD", "WEB_AUTHN"]),
        (("mail",), ["PASSWORD", "WEB_AUTHN", "EMAIL_OTP"]),
        (("codes by e-mail",), ["PASSWORD", "WEB_AUTHN", "EMAIL_OTP"]),
        (("no passkeys", "mail"), ["PASSWORD", "EMAIL_OTP"]),
        (("MFA", "mail", "passkeys as both factors"), ["PASSWORD", "WEB_AUTHN"]),
        (("no passkeys",), None),
        (("MFA", "mail"), None),
        (("classic pages", "mail"), None),
        (("Lite", "mail"), None),
    ],
)
def test_first_factors_are_those_that_cognito_can_offer(
    switches: tuple[str, ...], factors: list[str] | None
) -> None:
    rendered = resources(*switches)
    policy = rendered["UserPool"]["Policies"]
    assert isinstance(policy, dict)
    assert policy.get("SignInPolicy") == ({"AllowedFirstAuthFactors": factors} if factors else None)
    flows = rendered["WebClient"]["ExplicitAuthFlows"]
    assert isinstance(flows, list)
    assert ("ALLOW_USER_AUTH" in flows) is ("Lite" not in switches)
    assert rendered["AppClient"]["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH"]


def test_passkeys_belong_to_the_domain_of_the_hosted_ui_or_to_one_above_it() -> None:
    name = "WebAuthnRelyingPartyID"
    assert name not in resources()["UserPool"]
    assert resources("custom domain")["UserPool"][name] == "login.example.com"
    assert resources("passkeys of a domain")["UserPool"][name] == "example.com"
    assert name not in resources("custom domain", "classic pages")["UserPool"]


def test_second_factors_follow_the_parameters() -> None:
    assert resources()["UserPool"]["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    pool = resources("codes as a second factor")["UserPool"]
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]
    assert "EnabledMfas" not in resources("no MFA")["UserPool"]
    counted = resources("passkeys as both factors")["UserPool"]
    assert counted["WebAuthnFactorConfiguration"] == "MULTI_FACTOR_WITH_USER_VERIFICATION"


@pytest.mark.parametrize(
    ("switch", "name", "kind"),
    [
        ("Google", "Google", "Google"),
        ("Facebook", "Facebook", "Facebook"),
        ("Amazon", "Amazon", "LoginWithAmazon"),
        ("Apple", "Apple", "SignInWithApple"),
        ("OpenID Connect", "Oidc", "OIDC"),
        ("SAML", "Saml", "SAML"),
    ],
)
def test_enabled_provider_is_created_and_supported_by_all_clients_of_users(
    switch: str, name: str, kind: str
) -> None:
    rendered = resources(switch)
    assert list(of_type(rendered, PROVIDER)) == [name]
    assert rendered[name]["ProviderType"] == kind
    for client in ("WebClient", "AppClient"):
        assert rendered[client]["SupportedIdentityProviders"] == ["COGNITO", f"${{{name}}}"]
    assert "SupportedIdentityProviders" not in rendered["MachineClient"]


@pytest.mark.parametrize(
    ("switch", "name", "member", "key"),
    [
        ("Google", "Google", "client_secret", "google"),
        ("Facebook", "Facebook", "client_secret", "facebook"),
        ("Amazon", "Amazon", "client_secret", "amazon"),
        ("Apple", "Apple", "private_key", "apple"),
        ("OpenID Connect", "Oidc", "client_secret", "oidc"),
    ],
)
def test_cloudformation_reads_the_secrets_of_providers_itself(
    switch: str, name: str, member: str, key: str
) -> None:
    details = resources(switch, IdentityProviderSecretsVersion="v-1")[name]["ProviderDetails"]
    assert isinstance(details, dict)
    assert details[member] == (
        f"{{{{resolve:secretsmanager:gatehouse/dev/identity-providers:SecretString:{key}::v-1}}}}"
    )


def test_no_parameter_is_a_secret() -> None:
    document = load_template(COGNITO_TEMPLATE)
    for name in document["Parameters"]:
        assert not re.search("Password|Key$|Token$|Secret$", name), name


def test_saml_provider_cannot_start_a_sign_in() -> None:
    details = resources("SAML")["Saml"]["ProviderDetails"]
    assert details == {
        "MetadataURL": "https://idp.example.com/metadata",
        "IDPSignout": "false",
        "IDPInit": "false",
    }


def test_managed_login_has_a_style_for_each_client_of_users() -> None:
    rendered = resources()
    assert rendered["Domain"]["ManagedLoginVersion"] == 2
    assert {one["ClientId"] for one in of_type(rendered, BRANDING).values()} == {
        "${WebClient}",
        "${AppClient}",
        "${DocsClient}",  # only with docs-page
    }


def test_messages_name_the_site_and_its_support() -> None:
    pool = resources("support", "codes as a second factor", SiteName="Acme")["UserPool"]
    config, codes = pool["AdminCreateUserConfig"], pool["VerificationMessageTemplate"]
    assert isinstance(config, dict)
    assert isinstance(codes, dict)
    invitation = config["InviteMessageTemplate"]
    texts = [*invitation.values(), *codes.values()]
    texts += [pool["EmailAuthenticationSubject"], pool["EmailAuthenticationMessage"]]
    for text in texts:
        assert "Acme" in text or text == "CONFIRM_WITH_CODE"
        assert "Gatehouse" not in text
    for text in (invitation["EmailMessage"], invitation["SMSMessage"]):
        assert "{username}" in text
        assert "{####}" in text
    assert "{####}" in codes["EmailMessage"]
    assert codes["EmailMessage"].endswith(" Need help? help@example.com")
    assert "Need help" not in str(resources()["UserPool"])


def test_invitation_has_the_address_of_the_application() -> None:
    config = resources(SiteUrl="https://app.example.com")["UserPool"]["AdminCreateUserConfig"]
    assert isinstance(config, dict)
    assert " https://app.example.com " in config["InviteMessageTemplate"]["EmailMessage"]


def test_managed_login_has_the_colors_of_the_site() -> None:
    plain = of_type(resources(), BRANDING)
    assert len(plain) == 3
    for one in plain.values():
        assert one["UseCognitoProvidedValues"] is True
        assert "Settings" not in one
    for one in of_type(resources("colours"), BRANDING).values():
        # Cognito refuses both together.
        assert "UseCognitoProvidedValues" not in one
        settings = one["Settings"]
        assert isinstance(settings, dict)
        button = settings["components"]["primaryButton"]
        assert button["lightMode"]["defaults"]["backgroundColor"] == "4f46e5ff"
        assert button["darkMode"]["hover"]["backgroundColor"] == "bdb9f5ff"
        assert set(_leaves(settings)) <= {
            *("4f46e5ff", "3f38b7ff", "ada8f3ff", "bdb9f5ff", "ffffffff", "000000ff")
        }


def _leaves(node: object) -> Iterator[object]:
    if isinstance(node, dict):
        for item in node.values():
            yield from _leaves(item)
    else:
        yield node
