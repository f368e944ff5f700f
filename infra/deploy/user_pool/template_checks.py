"""Check infra/cognito.yaml and its parameters for what CloudFormation and linters do not notice.

The checks read the template as rendered for the parameters, before any change.
https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.aws.template import load_template, parameter_values, render
from infra.deploy.stage.stages_file import RESERVED_IN_PREFIXES
from infra.deploy.user_pool.client_checks import client_problems
from infra.deploy.user_pool.factor_checks import factor_problems
from infra.deploy.user_pool.parameter_checks import parameter_problems
from infra.deploy.user_pool.provider_checks import provider_problems
from infra.errors import InfraError

Resources = Mapping[str, Mapping[str, Any]]
Values = Mapping[str, str | int | list[str]]

# Parameters that have no effect without each other.
TOGETHER = (
    ("CustomDomain", "CustomDomainCertificate"),
    ("EmailSourceArn", "EmailFrom"),
    ("AppleServicesId", "AppleTeamId", "AppleKeyId"),
    ("OidcName", "OidcIssuer", "OidcClientId"),
    ("SamlName", "SamlMetadataUrl"),
)
# (a parameter, another one without which it has no effect)
ONLY_WITH = (
    ("EmailReplyTo", "EmailSourceArn"),
    ("EmailConfigurationSet", "EmailSourceArn"),
    ("GoogleClientId", "IdentityProviderSecrets"),
    ("FacebookAppId", "IdentityProviderSecrets"),
    ("AmazonClientId", "IdentityProviderSecrets"),
    ("AppleServicesId", "IdentityProviderSecrets"),
    ("OidcName", "IdentityProviderSecrets"),
    ("MigrationUrl", "MigrationSecretName"),  # only with user-migration
    ("MigrationIdAttribute", "MigrationUrl"),  # only with user-migration
)
# Type of resource -> the default quota of a pool.
QUOTAS = {
    "AWS::Cognito::UserPoolClient": 1000,
    "AWS::Cognito::UserPoolGroup": 10000,
    "AWS::Cognito::UserPoolIdentityProvider": 300,
    "AWS::Cognito::UserPoolResourceServer": 25,
}
# Those of OpenID Connect that can be set. The e-mail address is always set.
STANDARD_ATTRIBUTES = frozenset(
    {
        *("address", "birthdate", "family_name", "gender", "given_name", "locale", "middle_name"),
        *("name", "nickname", "phone_number", "phone_number_verified", "picture"),
        *("preferred_username", "profile", "updated_at", "website", "zoneinfo"),
    }
)
MAXIMUM_SERVER_SCOPES = 100
MAXIMUM_CUSTOM_ATTRIBUTES = 50
MANAGED = 2


def check(template: Path, parameters: Mapping[str, str]) -> None:
    """Raise InfraError, which names all problems, if there are any."""
    if problems := template_problems(load_template(template), parameters):
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise InfraError(f"The configuration of the user pool is invalid:\n{lines}")


def template_problems(document: Mapping[str, Any], parameters: Mapping[str, str]) -> list[str]:
    """Return a sentence for each problem.

    Args:
        document: the result of load_template().
    """
    # The other checks would report consequences of invalid parameters.
    if invalid := list(parameter_problems(document, parameters)):
        return invalid
    values = parameter_values(document, parameters)
    resources = render(document, parameters)
    return [
        *_combination_problems(values),
        *factor_problems(values),
        *_mail_problems(values),
        *_scope_problems(resources, values),
        *_quota_problems(resources),
        *client_problems(resources, run_by_deployer=_run_by_deployer(document)),
        *provider_problems(resources),
        *_branding_problems(resources),
    ]


def _run_by_deployer(document: Mapping[str, Any]) -> set[str]:
    return {
        name
        for name, resource in document["Resources"].items()
        if resource.get("Metadata", {}).get("RunBy") == "deployer"
    }


def _combination_problems(values: Values) -> Iterator[str]:
    for names in TOGETHER:
        missing = [name for name in names if not values[name]]
        if missing and len(missing) < len(names):
            yield f"{', '.join(names)}: all or none of them; {', '.join(missing)} is missing"
    for name, other in ONLY_WITH:
        if values[name] and not values[other]:
            yield f"{name} has no effect without {other}"
    if values["AllowedEmailDomains"] and values["AutoConfirm"] == "true":
        yield (
            "AllowedEmailDomains: with AutoConfirm, users do not prove their address, so every "
            "visitor could sign up with one of these domains"
        )
    yield from _migration_problems(values)  # only with user-migration
    for word in RESERVED_IN_PREFIXES:
        if not values["CustomDomain"] and word in str(values["DomainPrefix"]):
            yield f"DomainPrefix: {values['DomainPrefix']}: Cognito reserves {word}"


# begin capability user-migration
def _migration_problems(values: Values) -> Iterator[str]:
    if not values["MigrationUrl"]:
        return
    if values["AutoConfirm"] == "true":
        yield (
            "MigrationUrl: with AutoConfirm, users do not prove their address, so every visitor "
            "could sign up with the address of a user who has not come along yet"
        )
    custom = {f"custom:{values[f'CustomAttribute{number}']}" for number in (1, 2, 3)}
    wanted = [name for name in str(values["MigrationAttributes"]).split(",") if name]
    if values["MigrationIdAttribute"]:
        wanted.append(f"custom:{values['MigrationIdAttribute']}")
    for name in wanted:
        if name.startswith("custom:") and name not in custom:
            yield f"MigrationUrl: the pool has no attribute {name}; set CustomAttribute1 to it"
        elif not name.startswith("custom:") and name not in STANDARD_ATTRIBUTES:
            yield f"MigrationAttributes: Cognito has no attribute {name} that a site may set"


# end capability user-migration


def _mail_problems(values: Values) -> Iterator[str]:
    """Compare sender and identity: SES sends only for the identity's address, or at its domain."""
    identity = str(values["EmailSourceArn"]).partition(":identity/")[2].lower()
    sender = str(values["EmailFrom"]).rpartition("<")[2].rstrip(">").lower()
    if not identity or not sender:
        return
    domain = sender.rpartition("@")[2]
    if identity not in (sender, domain) and not domain.endswith(f".{identity}"):
        yield f"EmailFrom: {sender}: EmailSourceArn allows only {identity}"


def _scope_problems(resources: Resources, values: Values) -> Iterator[str]:
    """Find scopes of groups that no resource server defines, which must be typing errors."""
    defined = {
        f"{server['Identifier']}/{scope['ScopeName']}"
        for server in resources.values()
        if server["Type"] == "AWS::Cognito::UserPoolResourceServer"
        for scope in server["Scopes"]
    }
    for pair in str(values["GroupScopes"]).split():
        group, _, scopes = pair.partition("=")
        if not group or not scopes:
            yield f"GroupScopes: {pair}: expected GROUP=SCOPE,SCOPE"
        for scope in filter(None, scopes.split(",")):
            if scope not in defined:
                yield f"GroupScopes: {group}: no such scope: {scope}"


def _quota_problems(resources: Resources) -> Iterator[str]:
    for kind, most in QUOTAS.items():
        number = sum(resource["Type"] == kind for resource in resources.values())
        if number > most:
            yield f"{number} of {kind}; a pool allows {most}"
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Cognito::UserPoolResourceServer":
            number = len(resource["Scopes"])
            if number > MAXIMUM_SERVER_SCOPES:
                yield f"{name}: {number} scopes; Cognito allows {MAXIMUM_SERVER_SCOPES}"
        if resource["Type"] == "AWS::Cognito::UserPool":
            names = [attribute["Name"] for attribute in resource["Schema"]]
            if len(names) > MAXIMUM_CUSTOM_ATTRIBUTES:
                yield f"{name}: {len(names)} attributes; Cognito allows {MAXIMUM_CUSTOM_ATTRIBUTES}"
            if len(names) != len(set(names)):
                yield f"{name}: two attributes have the same name: {', '.join(names)}"


def _branding_problems(resources: Resources) -> Iterator[str]:
    """Find clients without a style, for which managed login shows an error page."""
    if not any(resource.get("ManagedLoginVersion") == MANAGED for resource in resources.values()):
        return
    styled = {
        resource["ClientId"]
        for resource in resources.values()
        if resource["Type"] == "AWS::Cognito::ManagedLoginBranding"
    }
    for name, resource in resources.items():
        if "code" in resource.get("AllowedOAuthFlows", []) and f"${{{name}}}" not in styled:
            yield f"{name}: managed login has no style for it; add one like WebBranding"
