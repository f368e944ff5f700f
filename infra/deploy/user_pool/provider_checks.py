"""Check that app clients and identity providers match.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# Cognito writes these itself. It does not let a client write `email_verified`.
WRITTEN_BY_COGNITO = frozenset({"username", "email_verified"})
# The pool uses the e-mail address as the username.
REQUIRED_ATTRIBUTE = "email"

Resources = Mapping[str, Mapping[str, Any]]


def provider_problems(resources: Resources) -> Iterator[str]:
    """Yield a sentence for each problem.

    Args:
        resources: all of the rendered template, in which `Ref` of a provider is its name.
    """
    providers = _of_type(resources, "AWS::Cognito::UserPoolIdentityProvider")
    names = {
        f"${{{logical_name}}}": provider["ProviderName"] for logical_name, provider in providers
    }
    by_name = {str(provider["ProviderName"]): provider for _, provider in providers}
    if len(by_name) < len(providers):
        yield f"two identity providers have the same name: {', '.join(sorted(by_name))}"
    used = set()
    for client_name, client in _of_type(resources, "AWS::Cognito::UserPoolClient"):
        supported = {names.get(name, name) for name in client.get("SupportedIdentityProviders", [])}
        used |= supported
        if "code" in client.get("AllowedOAuthFlows", []) and not supported:
            yield f"{client_name}: SupportedIdentityProviders is empty, so no user could sign in"
        for name in sorted(supported - {"COGNITO", *by_name}):
            yield f"{client_name}: no such identity provider: {name}"
        for name in sorted(supported & by_name.keys()):
            mapped = by_name[name]["AttributeMapping"].keys() - WRITTEN_BY_COGNITO
            for attribute in sorted(mapped - set(client.get("WriteAttributes", mapped))):
                yield f"{client_name} cannot write {attribute}, which {name} maps"
    for name, provider in sorted(by_name.items()):
        if name not in used:
            yield f"no client supports {name}"
        if REQUIRED_ATTRIBUTE not in provider["AttributeMapping"]:
            yield f"{name} does not map {REQUIRED_ATTRIBUTE}, which every user must have"


def _of_type(resources: Resources, kind: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, resource) for name, resource in resources.items() if resource["Type"] == kind]
