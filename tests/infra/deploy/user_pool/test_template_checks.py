"""Our own checks of the Cognito template, on the template and on mistakes in copies of it."""

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
    GOOD,
    OIDC,
    SAML,
    SECRETS,
    SENDER,
    SWITCHES,
)

CONTRADICTION = {"sign-up", "auto-confirm"}


def test_the_template_is_as_it_should_be_with_every_two_switches_on() -> None:
    document = load_template(COGNITO_TEMPLATE)
    for one, other in itertools.combinations_with_replacement(SWITCHES, 2):
        found = template_problems(document, GOOD | SWITCHES[one] | SWITCHES[other])
        assert bool(found) is ({one, other} == CONTRADICTION), (one, other, found)


def test_the_template_is_as_it_should_be_with_everything_on() -> None:
    everything = {name: value for switch in SWITCHES.values() for name, value in switch.items()}
    check(COGNITO_TEMPLATE, GOOD | everything | {"AutoConfirm": "false"})


def test_every_condition_is_switched_by_one_of_these() -> None:
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
        ({"EmailReplyTo": "a@example.com"}, "EmailReplyTo means nothing without EmailSourceArn"),
        ({"EmailConfigurationSet": "x"}, "EmailConfigurationSet means nothing without Email"),
        ({**SECRETS, **APPLE, "AppleKeyId": ""}, "AppleKeyId is missing"),
        ({**SECRETS, "OidcName": "Example"}, "OidcIssuer, OidcClientId is missing"),
        ({"SamlName": "Corporate"}, "SamlMetadataUrl is missing"),
        ({"GoogleClientId": "x"}, "GoogleClientId means nothing without IdentityProviderSecrets"),
        (OIDC, "OidcName means nothing without IdentityProviderSecrets"),
        (SWITCHES["sign-up"] | {"AutoConfirm": "true"}, "nobody proves an address"),
        ({"DomainPrefix": "my-cognito-pool"}, "Cognito keeps cognito to itself"),
        (
            SWITCHES["mail"] | {"EmailFrom": "no-reply@notexample.com"},
            "no-reply@notexample.com: EmailSourceArn may send as example.com only",
        ),
        ({"GroupScopes": "editors=api/wirte"}, "GroupScopes: editors: no such scope: api/wirte"),
        ({"GroupScopes": "editors"}, "GroupScopes: editors: expected GROUP=SCOPE,SCOPE"),
        ({"CustomAttribute1": "a", "CustomAttribute2": "a"}, "two attributes of one name"),
        ({"CustomAttribute1": "email"}, "two attributes of one name"),
        ({**SAML, "SamlName": "Example", **SECRETS, **OIDC}, "two identity providers of one name"),
    ],
)
def test_parameters_that_do_not_go_together_are_refused(
    changes: dict[str, str], complaint: str
) -> None:
    with pytest.raises(InfraError, match=complaint):
        check(COGNITO_TEMPLATE, GOOD | changes)


def test_an_identity_of_one_address_sends_as_that_address() -> None:
    alone = {"EmailSourceArn": SENDER.replace("example.com", "me@example.com")}
    check(COGNITO_TEMPLATE, GOOD | alone | {"EmailFrom": "Me <me@example.com>"})
    with pytest.raises(InfraError, match=r"may send as me@example\.com only"):
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
def test_quotas_of_a_pool_are_kept(kind: str, most: int) -> None:
    document = load_template(COGNITO_TEMPLATE)
    resources = document["Resources"]
    [example, *others] = [r for r in resources.values() if r["Type"] == f"AWS::Cognito::{kind}"]
    example.pop("Condition", None)
    there = 1 + sum("Condition" not in other for other in others)
    many = {f"Further{number}": example for number in range(most - there)}
    complaint = f"{most + 1} of AWS::Cognito::{kind}; a pool takes {most}"
    assert complaint not in template_problems(
        document | {"Resources": resources | many}, GOOD | SWITCHES["Google"]
    )
    assert complaint in template_problems(
        document | {"Resources": resources | many | {"OneMore": example}}, GOOD | SWITCHES["Google"]
    )


def test_quotas_of_scopes_and_attributes_are_kept() -> None:
    document = load_template(COGNITO_TEMPLATE)
    document["Resources"]["Api"]["Properties"]["Scopes"] += [
        {"ScopeName": f"s{number}"} for number in range(96)
    ]
    document["Resources"]["UserPool"]["Properties"]["Schema"] += [
        {"Name": f"a{number}"} for number in range(50)
    ]
    assert template_problems(document, GOOD) == [
        "UserPool: 51 attributes; Cognito takes 50",
        "Api: 101 scopes; Cognito takes 100",
    ]


def test_a_client_without_a_style_of_managed_login_is_found() -> None:
    document = load_template(COGNITO_TEMPLATE)
    del document["Resources"]["AppBranding"]
    assert template_problems(document, GOOD) == []
    assert template_problems(document, GOOD | SWITCHES["managed login"]) == [
        "AppClient: managed login has no style for it"
    ]
