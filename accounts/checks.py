"""System checks: settings that are each well-formed but do not belong together.

What is odd by itself (a URL with a query, an unknown token use, a pool of another region) stops the
start in project/environment/variables.py already. docs/system-checks.md lists every check with its
remedy.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage

from cognito.errors import KeysUnavailable
from cognito.tokens.keys import usable_keys
from cognito.tokens.pool_issuer import PoolIssuer
from cognito.wire.base_url import BaseURL

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
CLIENT_ID = re.compile(r"[\w+]{1,128}", re.ASCII)
POOL_ID = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]_[A-Za-z0-9]+")
# https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
PREFIX_DOMAIN = re.compile(
    r"[a-z0-9-]+\.auth(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazoncognito\.com"
)


def check_issuer(**_: Any) -> list[CheckMessage]:
    """E001: the issuer is the pool's, in one of the two forms that Cognito writes."""
    issuer = settings.COGNITO_ISSUER
    if _is_loopback(issuer) or issuer in _issuers_of_the_pool():
        return []
    return [
        checks.Error(
            "COGNITO_ISSUER is not an issuer of COGNITO_USER_POOL_ID: no token would be accepted.",
            hint="Leave it unset, or set it to one of: " + ", ".join(_issuers_of_the_pool()),
            id="gatehouse.E001",
        )
    ]


def check_jwks_url(**_: Any) -> list[CheckMessage]:
    """E002: the keys are those of the pool; whoever publishes them decides who is let in."""
    url = settings.COGNITO_JWKS_URL
    expected = [
        f"{issuer}/.well-known/jwks.json"
        for issuer in (settings.COGNITO_ISSUER, *_issuers_of_the_pool())
    ]
    # A local AWS may serve keys from any address, but several pools from one.
    pools = set(POOL_ID.findall(url))
    if url in expected or (_is_loopback(url) and pools <= {settings.COGNITO_USER_POOL_ID}):
        return []
    return [
        checks.Error(
            "COGNITO_JWKS_URL is not the key set of COGNITO_USER_POOL_ID.",
            hint=f"Leave it unset, or set it to {expected[0]}.",
            id="gatehouse.E002",
        )
    ]


def check_jwks(**_: Any) -> list[CheckMessage]:
    """E003: a key set that is given at start has a key in it that can verify a token."""
    jwks = settings.COGNITO_JWKS
    if not jwks:
        return []
    try:
        usable_keys(jwks)
    except KeysUnavailable:
        pass
    else:
        return []
    return [
        checks.Error(
            "COGNITO_JWKS has no key that can verify a token.",
            hint="It takes RS256 keys of at least 2048 bits with kid, alg and use=sig: copy what "
            "COGNITO_JWKS_URL answers, or leave it unset.",
            id="gatehouse.E003",
        )
    ]


def check_domain(**_: Any) -> list[CheckMessage]:
    """E004, E005: the hosted UI's base URL has no path, and is in the pool's region."""
    domain = BaseURL.parse(settings.COGNITO_DOMAIN)
    messages: list[CheckMessage] = []
    if domain.path:
        messages.append(
            checks.Error(
                "COGNITO_DOMAIN has a path.",
                hint=f"The hosted UI is at the root of its domain: set it to {domain.origin}.",
                id="gatehouse.E004",
            )
        )
    prefix_domain = PREFIX_DOMAIN.fullmatch(domain.host)
    if prefix_domain and prefix_domain["region"] != settings.COGNITO_REGION:
        messages.append(
            checks.Error(
                "COGNITO_DOMAIN is the hosted UI of another region than COGNITO_REGION.",
                hint="A domain belongs to one user pool: copy it from the pool's page.",
                id="gatehouse.E005",
            )
        )
    return messages


def check_reachable(**_: Any) -> list[CheckMessage]:
    """E006: a site for everybody does not send its visitors, or its keys, to this machine."""
    if _is_loopback(settings.PUBLIC_URL):
        return []
    return [
        checks.Error(
            f"{name} is on this machine, but PUBLIC_URL is not.",
            hint=f"Set {name} to the real user pool's, or PUBLIC_URL to a loopback address.",
            id="gatehouse.E006",
        )
        for name in ("COGNITO_DOMAIN", "COGNITO_ISSUER", "COGNITO_JWKS_URL")
        if _is_loopback(getattr(settings, name))
    ]


def check_client_ids(**_: Any) -> list[CheckMessage]:
    """E007, E008, E011, W001: clients whose tokens count are real, and each is named once."""
    api_client_ids: frozenset[str] = settings.COGNITO_API_CLIENT_IDS
    accepted = api_client_ids | {settings.COGNITO_CLIENT_ID}
    messages: list[CheckMessage] = []
    if any(CLIENT_ID.fullmatch(client_id) is None for client_id in api_client_ids):
        messages.append(
            checks.Error(
                "COGNITO_API_CLIENT_IDS has an entry that is no app client id.",
                hint="Separate ids by commas: each is letters and digits, as on the client's page.",
                id="gatehouse.E007",
            )
        )
    if not accepted >= settings.COGNITO_FIRST_PARTY_CLIENT_IDS:
        messages.append(
            checks.Error(
                "COGNITO_FIRST_PARTY_CLIENT_IDS names an app client whose tokens are not accepted.",
                hint="Add it to COGNITO_API_CLIENT_IDS too, or remove it.",
                id="gatehouse.E008",
            )
        )
    if settings.COGNITO_DOCS_CLIENT_ID and settings.COGNITO_DOCS_CLIENT_ID not in accepted:
        messages.append(
            checks.Error(
                "COGNITO_DOCS_CLIENT_ID is an app client whose tokens are not accepted.",
                hint="Add it to COGNITO_API_CLIENT_IDS too, or remove it: whoever signs in on the "
                "documentation's page would get 401 for every call.",
                id="gatehouse.E011",
            )
        )
    if settings.COGNITO_CLIENT_ID in api_client_ids:
        messages.append(
            checks.Warning(
                "COGNITO_API_CLIENT_IDS repeats COGNITO_CLIENT_ID.",
                hint="The web client's tokens are accepted anyway: list further clients only.",
                id="gatehouse.W001",
            )
        )
    return messages


def check_scopes(**_: Any) -> list[CheckMessage]:
    """E009, W002: scopes are separated by spaces, and sign-out can reach all devices."""
    scopes: Iterable[str] = settings.COGNITO_SCOPES
    messages: list[CheckMessage] = []
    if any("," in scope for scope in scopes):
        messages.append(
            checks.Error(
                "COGNITO_SCOPES has a comma in it: Cognito would refuse every sign-in.",
                hint="Separate scopes by spaces.",
                id="gatehouse.E009",
            )
        )
    if "aws.cognito.signin.user.admin" not in scopes:
        messages.append(
            checks.Warning(
                "COGNITO_SCOPES lacks aws.cognito.signin.user.admin.",
                hint="Without it users can neither sign out everywhere nor change their profile.",
                id="gatehouse.W002",
            )
        )
    return messages


def check_groups(**_: Any) -> list[CheckMessage]:
    """E010, W003, W004: somebody can enter the admin, by a group that can exist, named once."""
    staff: frozenset[str] = settings.COGNITO_STAFF_GROUPS
    superusers: frozenset[str] = settings.COGNITO_SUPERUSER_GROUPS
    messages: list[CheckMessage] = []
    if any(re.search(r"\s", group) for group in staff | superusers):
        messages.append(
            checks.Error(
                "COGNITO_STAFF_GROUPS or COGNITO_SUPERUSER_GROUPS has a name with a space in it.",
                hint="No group of a user pool can have that name: separate names by commas.",
                id="gatehouse.E010",
            )
        )
    if not staff | superusers:
        messages.append(
            checks.Warning(
                "COGNITO_STAFF_GROUPS is empty: nobody can enter the admin.",
                hint="Name the user pool's group of operators.",
                id="gatehouse.W003",
            )
        )
    if staff & superusers:
        messages.append(
            checks.Warning(
                "A group is in both COGNITO_STAFF_GROUPS and COGNITO_SUPERUSER_GROUPS.",
                hint="Its members are superusers, past every permission. If that is meant, name it "
                "in COGNITO_SUPERUSER_GROUPS only; they are staff as well.",
                id="gatehouse.W004",
            )
        )
    return messages


def check_trusted_proxy(**_: Any) -> list[CheckMessage]:
    """E012, E013: the trusted proxy is not everyone, and a Unix socket is not forgotten."""
    proxy = settings.TRUSTED_PROXY
    messages: list[CheckMessage] = []
    if proxy is not None and any(network.prefixlen == 0 for network in proxy.networks):
        messages.append(
            checks.Error(
                "TRUSTED_PROXY trusts every address: any visitor can choose the address that the "
                "audit trail shows and rate limits count.",
                hint="Name the networks of your proxies, such as 1 10.0.0.0/16.",
                id="gatehouse.E012",
            )
        )
    # https://docs.gunicorn.org/en/stable/settings.html#settings
    if "unix:" in os.environ.get("GUNICORN_CMD_ARGS", "") and not (proxy and proxy.unix_socket):
        messages.append(
            checks.Error(
                "GUNICORN_CMD_ARGS names a Unix socket, but TRUSTED_PROXY does not trust one: no "
                "request has an address, and rate limits per address are off.",
                hint="Set TRUSTED_PROXY to 1 unix, and have the proxy send X-Forwarded-For.",
                id="gatehouse.E013",
            )
        )
    return messages


CHECKS: list[Callable[..., list[CheckMessage]]] = [
    check_issuer,
    check_jwks_url,
    check_jwks,
    check_domain,
    check_reachable,
    check_client_ids,
    check_scopes,
    check_groups,
    check_trusted_proxy,
]


def register() -> None:
    """Have `manage.py check` run every check; AccountsConfig.ready calls this once."""
    for check in CHECKS:
        checks.register(check, checks.Tags.security)


def _issuers_of_the_pool() -> tuple[str, ...]:
    return PoolIssuer.of_pool(
        region=settings.COGNITO_REGION, user_pool_id=settings.COGNITO_USER_POOL_ID
    ).names


def _is_loopback(url: str) -> bool:
    return BaseURL.parse(url).is_loopback
