"""Check app clients for settings that Cognito accepts although they do not work or are unsafe.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

STANDARD_SCOPES = frozenset(
    {"openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"}
)
# With an operator's token, a client that has one of them can do what the operator may do.
OPERATORS_SCOPES = frozenset({"operate", "audit"})
# What they are for needs a user, and client credentials have none.
USERS_SCOPES = OPERATORS_SCOPES | {"account"}
MAXIMUM_URLS = 100
MAXIMUM_URL_CHARACTERS = 1024
MAXIMUM_SCOPES = 50
MAXIMUM_GRACE_SECONDS = 60
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
# Without the first, an attacker can find out which accounts exist. Without the second, a sign-out
# cannot revoke tokens.
SAFEGUARDS = {"PreventUserExistenceErrors": "ENABLED", "EnableTokenRevocation": True}

Resources = Mapping[str, Mapping[str, Any]]


def client_problems(resources: Resources, *, run_by_deployer: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each problem.

    Args:
        resources: all of the rendered template, because clients refer to others.
        run_by_deployer: the names of the clients that are not a third party's.
    """
    scopes = STANDARD_SCOPES | set(_defined_scopes(resources))
    clients = {
        name: resource
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Cognito::UserPoolClient"
    }
    for name, client in clients.items():
        for problem in (
            *_scope_problems(client, scopes),
            *_right_problems(client, is_third_party=name not in run_by_deployer),
            *_url_problems(client),
            *_flow_problems(client),
            *_lifetime_problems(client),
            *_rotation_problems(client),
        ):
            yield f"{name}: {problem}"


def _defined_scopes(resources: Resources) -> Iterator[str]:
    for name, server in resources.items():
        if server["Type"] == "AWS::Cognito::UserPoolResourceServer":
            for scope in server["Scopes"]:
                yield f"${{{name}}}/{scope['ScopeName']}"


def _scope_problems(client: Mapping[str, Any], defined: set[str] | frozenset[str]) -> Iterator[str]:
    """Find scopes that Cognito refuses only while the stack changes.

    A scope written as text is among them. CloudFormation updates a resource server before a client
    that refers to it, but it does not see the reference in a text, and may update the client first.
    """
    scopes = [str(scope) for scope in client.get("AllowedOAuthScopes", [])]
    for scope in scopes:
        if scope not in defined:
            advice = "; write those of the API as `!Sub ${Api}/read`" if "/" in scope else ""
            yield f"no such scope: {scope}{advice}"
    if len(scopes) > MAXIMUM_SCOPES:
        yield f"{len(scopes)} scopes; Cognito allows {MAXIMUM_SCOPES}"


def _right_problems(client: Mapping[str, Any], *, is_third_party: bool) -> Iterator[str]:
    """Find scopes that the client must not have, or that it cannot use."""
    is_machine = "client_credentials" in client.get("AllowedOAuthFlows", [])
    for scope in map(str, client.get("AllowedOAuthScopes", [])):
        right = scope.partition("/")[2]
        if is_machine and right in USERS_SCOPES:
            yield f"{scope} has no effect for client credentials, because it needs a user's token"
        elif is_third_party and right in OPERATORS_SCOPES:
            yield (
                f"{scope}: no client of a third party may have it, because its tokens of operators "
                "would reach the operators' API. If you run this client yourself, add "
                "`Metadata: {RunBy: deployer}` to it"
            )


def _url_problems(client: Mapping[str, Any]) -> Iterator[str]:
    for member in ("CallbackURLs", "LogoutURLs"):
        urls = client.get(member, [])
        if len(urls) > MAXIMUM_URLS:
            yield f"{member}: {len(urls)} addresses; Cognito allows {MAXIMUM_URLS}"
        yield from (f"{member}: {url}: {why}" for url in urls if (why := _objection(url)))


def _objection(url: str) -> str:
    """Return what was expected; empty if the address is valid.

    An authorization code must not travel over plain http, except on this machine (RFC 8252, 8.3).
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not re.fullmatch(r"[a-z][a-z0-9+.-]*", parts.scheme):
        return "expected an address with a scheme"
    if parts.scheme == "http" and host not in LOOPBACK and not host.endswith(".localhost"):
        return "expected https, because only addresses of this machine may use http"
    if parts.fragment or "*" in url:
        return "expected neither a fragment nor a wildcard"
    if len(url) > MAXIMUM_URL_CHARACTERS:
        return f"expected at most {MAXIMUM_URL_CHARACTERS} characters"
    return ""


def _flow_problems(client: Mapping[str, Any]) -> Iterator[str]:
    flows = client.get("AllowedOAuthFlows", [])
    if "implicit" in flows:
        yield "the implicit flow exposes tokens in addresses (RFC 9700, 2.1.2)"
    if "client_credentials" in flows and (len(flows) > 1 or not client.get("GenerateSecret")):
        yield "client_credentials needs a separate client with a secret"
    if "ALLOW_USER_PASSWORD_AUTH" in client["ExplicitAuthFlows"] and not client["GenerateSecret"]:
        yield "a public client must leave passwords to the hosted UI (RFC 9700, 2.4)"
    if "code" in flows and not client.get("CallbackURLs"):
        yield "the code flow needs a callback address"
    for name, wanted in SAFEGUARDS.items():
        if client.get(name) != wanted:
            yield f"{name} must be {wanted}"


def _lifetime_problems(client: Mapping[str, Any]) -> Iterator[str]:
    """Compare lifetimes.

    Cognito refuses a lifetime out of range, but only minutes later. It accepts a refresh token that
    expires first, and users would have to sign in every hour.
    """
    defaults = {"AccessToken": "hours", "IdToken": "hours", "RefreshToken": "days"}
    units = {**defaults, **client.get("TokenValidityUnits", {})}
    seconds = {
        token: client[f"{token}Validity"] * SECONDS[units[token]]
        for token in defaults
        if f"{token}Validity" in client
    }
    for token in ("AccessToken", "IdToken"):
        if token in seconds and not SECONDS["minutes"] * 5 <= seconds[token] <= SECONDS["days"]:
            yield f"{token}Validity: {seconds[token]} s; Cognito allows 5 minutes to a day"
        refresh = seconds.get("RefreshToken")
        if refresh is not None and refresh <= seconds.get(token, 0):
            yield f"the refresh token would expire before the {token} that it renews"


def _rotation_problems(client: Mapping[str, Any]) -> Iterator[str]:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html"""
    rotation = client.get("RefreshTokenRotation", {})
    if rotation.get("Feature") != "ENABLED":
        if "code" in client.get("AllowedOAuthFlows", []):
            yield "refresh tokens of users must rotate (RFC 9700, 4.14.2)"
        return
    if "ALLOW_REFRESH_TOKEN_AUTH" in client.get("ExplicitAuthFlows", []):
        yield "Cognito does not allow ALLOW_REFRESH_TOKEN_AUTH together with rotation"
    grace = rotation.get("RetryGracePeriodSeconds", 0)
    if not 0 <= grace <= MAXIMUM_GRACE_SECONDS:
        yield f"RetryGracePeriodSeconds: {grace}; Cognito allows 0 to {MAXIMUM_GRACE_SECONDS}"
