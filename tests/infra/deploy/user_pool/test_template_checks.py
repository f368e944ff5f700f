"""The checks of the user pool template find mistakes in copies of it."""

from __future__ import annotations

import itertools

import pytest

from infra.aws.provision import COGNITO_TEMPLATE
from infra.aws.template import load_template, render
from infra.deploy.user_pool.template_checks import check, template_problems
from infra.errors import InfraError
from tests.infra.deploy.user_pool.pool_parameters import (
    APPLE,
    CERTIFICATE,
    CONTRADICTIONS,
    GOOD,
    MIGRATION,
    OIDC,
    SAML,
    SECRETS,
    SENDER,
    SWITCHES,
)


def test_template_is_valid_with_every_pair_of_options() -> None:
    document = load_template(COGNITO_TEMPLATE)
    for one, other in itertools.combinations_with_replacement(SWITCHES, 2):
        found = template_problems(document, GOOD | SWITCHES[one] | SWITCHES[other])
        assert bool(found) is (frozenset({one, other}) in CONTRADICTIONS), (one, other, found)


def test_template_is_valid_with_all_options() -> None:
    everything = {name: value for switch in SWITCHES.values() for name, value in switch.items()}
    consistent = {"AutoConfirm": "false", "EmailCodes": "auto", "Login": "managed", "Tier": "PLUS"}
    passkeys = {"Passkeys": "true", "PasskeyVerification": "required"}
    check(COGNITO_TEMPLATE, GOOD | everything | consistent | passkeys)


def test_every_condition_depends_on_an_option() -> None:
    document = load_template(COGNITO_TEMPLATE)
    for condition in document["Conditions"]:
        probe = document | {"Resources": {"Probe": {"Type": "Any", "Condition": condition}}}
        outcomes = {bool(render(probe, GOOD | switch)) for switch in SWITCHES.values()}
        assert outcomes == {True, False}, condition


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"CustomDomain": "login.example.com"}, "CustomDomainCertificate is missing"),
        ({"CustomDomainCertificate": CERTIFICATE}, "CustomDomain is missing"),
        ({"EmailFrom": "a@example.com"}, "EmailSourceArn is missing"),
        ({"EmailReplyTo": "a@example.com"}, "EmailReplyTo has no effect without EmailSourceArn"),
        ({"EmailConfigurationSet": "x"}, "EmailConfigurationSet has no effect without Email"),
        ({**SECRETS, **APPLE, "AppleKeyId": ""}, "AppleKeyId is missing"),
        ({**SECRETS, "OidcName": "Example"}, "OidcIssuer, OidcClientId is missing"),
        ({"SamlName": "Corporate"}, "SamlMetadataUrl is missing"),
        ({"GoogleClientId": "x"}, "GoogleClientId has no effect without IdentityProviderSecrets"),
        (OIDC, "OidcName has no effect without IdentityProviderSecrets"),
        (SWITCHES["sign-up"] | {"AutoConfirm": "true"}, "users do not prove their address"),
        # begin capability user-migration
        (MIGRATION | {"AutoConfirm": "true"}, "a user who has not come along yet"),
        (
            MIGRATION | {"MigrationSecretName": ""},
            "MigrationUrl has no effect without MigrationSecretName",
        ),
        (MIGRATION | {"MigrationUrl": "http://old.example.com/"}, "expected an https address"),
        (MIGRATION | {"MigrationUrl": "https://old.example.com"}, "an https address with a path"),
        (MIGRATION | {"MigrationUrl": "https://u:p@old.example.com/"}, "an https address"),
        (MIGRATION | {"MigrationIdAttribute": "key"}, "the pool has no attribute custom:key"),
        (MIGRATION | {"MigrationAttributes": "custom:x"}, "the pool has no attribute custom:x"),
        (MIGRATION | {"MigrationAttributes": "name,sub"}, "no attribute sub that a site may set"),
        ({"MigrationIdAttribute": "key"}, "MigrationIdAttribute has no effect without Migration"),
        # end capability user-migration
        ({"DomainPrefix": "my-cognito-pool"}, "Cognito reserves cognito"),
        (
            SWITCHES["mail"] | {"EmailFrom": "no-reply@notexample.com"},
            "no-reply@notexample.com: EmailSourceArn allows only example.com",
        ),
        ({"GroupScopes": "editors=api/wirte"}, "GroupScopes: editors: no such scope: api/wirte"),
        ({"Tier": "LITE"}, "Login = managed: the tier Lite does not have it"),
        ({"Tier": "LITE", "Login": "classic", "Passkeys": "true"}, "Passkeys = true: the tier"),
        ({"Login": "classic", "Passkeys": "true"}, "Passkeys = true: the classic pages do not"),
        ({"Login": "classic", "EmailCodes": "true"}, "EmailCodes = true: the classic pages do"),
        ({"EmailMfa": "true"}, "EmailMfa = true: Cognito sends these codes through SES only"),
        ({"EmailMfa": "true", "Mfa": "OFF"}, "EmailMfa has no effect while Mfa is OFF"),
        ({"EmailCodes": "true", "Mfa": "ON"}, "users cannot sign in with a code by e-mail"),
        ({"Passkeys": "true", "Mfa": "ON"}, "a passkey must count as both factors"),
        ({"PasskeysAsMfa": "true", "Mfa": "OFF"}, "PasskeysAsMfa has no effect while Mfa is OFF"),
        (
            {"PasskeysAsMfa": "true", "PasskeyVerification": "preferred"},
            "without the user's verification, a passkey is one factor",
        ),
        (
            {"Passkeys": "false", "PasskeysAsMfa": "true"},
            "PasskeysAsMfa has no effect without passkeys",
        ),
        ({"Login": "classic", "PasskeyDomain": "example.com"}, "PasskeyDomain has no effect with"),
        ({"PasskeyDomain": "example.com"}, "so it needs CustomDomain"),
        (
            SWITCHES["custom domain"] | {"PasskeyDomain": "example.org"},
            "PasskeyDomain: example.org: login.example.com is not a host name below it",
        ),
        (
            SWITCHES["custom domain"] | {"PasskeyDomain": "ample.com"},
            "login.example.com is not a host name below it",
        ),
        ({"GroupScopes": "editors"}, "GroupScopes: editors: expected GROUP=SCOPE,SCOPE"),
        ({"CustomAttribute1": "a", "CustomAttribute2": "a"}, "two attributes have the same name"),
        ({"CustomAttribute1": "email"}, "two attributes have the same name"),
        (
            {**SAML, "SamlName": "Example", **SECRETS, **OIDC},
            "two identity providers have the same name",
        ),
    ],
)
def test_inconsistent_parameters_are_refused(changes: dict[str, str], complaint: str) -> None:
    with pytest.raises(InfraError, match=complaint):
        check(COGNITO_TEMPLATE, GOOD | changes)


def test_identity_of_an_address_allows_only_that_sender() -> None:
    alone = {"EmailSourceArn": SENDER.replace("example.com", "me@example.com")}
    check(COGNITO_TEMPLATE, GOOD | alone | {"EmailFrom": "Me <me@example.com>"})
    with pytest.raises(InfraError, match=r"allows only me@example\.com"):
        check(COGNITO_TEMPLATE, GOOD | alone | {"EmailFrom": "you@example.com"})


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        ("UserPoolClient", 1000),
        ("UserPoolGroup", 10_000),
        ("UserPoolIdentityProvider", 300),
        ("UserPoolResourceServer", 25),
    ],
)
def test_pool_above_a_quota_is_refused(kind: str, most: int) -> None:
    document = load_template(COGNITO_TEMPLATE)
    resources = document["Resources"]
    [example, *others] = [r for r in resources.values() if r["Type"] == f"AWS::Cognito::{kind}"]
    example.pop("Condition", None)
    there = 1 + sum("Condition" not in other for other in others)
    many = {f"Further{number}": example for number in range(most - there)}
    complaint = f"{most + 1} of AWS::Cognito::{kind}; a pool allows {most}"
    assert complaint not in template_problems(
        document | {"Resources": resources | many}, GOOD | SWITCHES["Google"]
    )
    assert complaint in template_problems(
        document | {"Resources": resources | many | {"OneMore": example}}, GOOD | SWITCHES["Google"]
    )


def test_too_many_scopes_and_attributes_are_refused() -> None:
    document = load_template(COGNITO_TEMPLATE)
    scopes = document["Resources"]["Api"]["Properties"]["Scopes"]
    scopes += [{"ScopeName": f"s{number}"} for number in range(101 - len(scopes))]
    document["Resources"]["UserPool"]["Properties"]["Schema"] += [
        {"Name": f"a{number}"} for number in range(50)
    ]
    assert template_problems(document, GOOD) == [
        "UserPool: 51 attributes; Cognito allows 50",
        "Api: 101 scopes; Cognito allows 100",
    ]


def test_client_without_a_style_of_managed_login_is_found() -> None:
    document = load_template(COGNITO_TEMPLATE)
    del document["Resources"]["AppBranding"]
    assert template_problems(document, GOOD | SWITCHES["classic pages"]) == []
    assert template_problems(document, GOOD) == [
        "AppClient: managed login has no style for it; add one like WebBranding"
    ]
