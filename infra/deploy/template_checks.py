"""What neither CloudFormation nor its linters notice in infra/cognito.yaml and its parameters.

https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from infra.errors import InfraError

STANDARD_SCOPES = frozenset(
    {"openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"}
)
URLS = ("CallbackUrls", "LogoutUrls", "AppCallbackUrls", "AppLogoutUrls")
MAXIMUM_URLS = 100
MAXIMUM_SCOPES = 50
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def check(template: Path, parameters: Mapping[str, str]) -> None:
    """Raises InfraError, which names all that is wrong."""
    document = yaml.load(template.read_text("utf-8"), Loader=_Loader)  # noqa: S506 - a safe one
    problems = [*_scope_problems(document), *_url_problems(document, parameters)]
    unknown = parameters.keys() - document["Parameters"].keys()
    problems += [f"{template.name} has no parameter {name}" for name in sorted(unknown)]
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise InfraError(f"The user pool cannot be made like that:\n{lines}")


def _scope_problems(document: Mapping[str, Any]) -> list[str]:
    """A scope that no resource server has is taken, and no token with it is ever given."""
    resources = document["Resources"]
    defined = set(STANDARD_SCOPES)
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Cognito::UserPoolResourceServer":
            scopes = [scope["ScopeName"] for scope in resource["Properties"]["Scopes"]]
            defined |= {f"${{{name}}}/{scope}" for scope in scopes}
            defined |= {f"{resource['Properties']['Identifier']}/{scope}" for scope in scopes}
    problems = []
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Cognito::UserPoolClient":
            scopes = resource["Properties"].get("AllowedOAuthScopes", [])
            problems += [f"{name}: no such scope: {s}" for s in scopes if s not in defined]
            if len(scopes) > MAXIMUM_SCOPES:
                problems.append(f"{name}: {len(scopes)} scopes; Cognito takes {MAXIMUM_SCOPES}")
    return problems


def _url_problems(document: Mapping[str, Any], parameters: Mapping[str, str]) -> list[str]:
    """A code on its way over plain http can be read, but for this machine (RFC 8252, 8.3)."""
    problems = []
    for name in URLS:
        default = document["Parameters"][name].get("Default", "")
        urls = [url.strip() for url in parameters.get(name, default).split(",")]
        if len(urls) > MAXIMUM_URLS:
            problems.append(f"{name}: {len(urls)} addresses; Cognito takes {MAXIMUM_URLS}")
        problems += [f"{name}: {url}: {why}" for url in urls if (why := _objection(url))]
    return problems


def _objection(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not re.fullmatch(r"[a-z][a-z0-9+.-]*", parts.scheme):
        return "expected an address with a scheme"
    if parts.scheme == "http" and host not in LOOPBACK and not host.endswith(".localhost"):
        return "expected https; http is for this machine only"
    if parts.fragment or "*" in url:
        return "expected neither a fragment nor a wildcard"
    return ""


class _Loader(yaml.SafeLoader):
    """Takes CloudFormation's functions for what they are given: `!Sub ${Api}/read` for its text."""


def _argument(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> Any:
    del tag
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)  # noqa: S101 - YAML has no fourth kind
    return loader.construct_mapping(node, deep=True)


_Loader.add_multi_constructor("!", _argument)
