"""System checks for settings that are well-formed but do not fit together.

A setting that is invalid by itself (a URL with a query, an unknown token use, a pool of another
region) already stops the start in project/environment. docs/system-checks.md lists all checks with
their remedies.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage

from accounts import project_checks
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
    """E001: the issuer is one of the two names of the pool."""
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
    """E002: the key set is that of the pool. Its publisher decides which tokens are valid."""
    url = settings.COGNITO_JWKS_URL
    expected = [
        f"{issuer}/.well-known/jwks.json"
        for issuer in (settings.COGNITO_ISSUER, *_issuers_of_the_pool())
    ]
    # A local AWS can serve keys at any address, and those of several pools at the same one.
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
    """E003: a key set in the configuration has a usable key."""
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
            hint="It needs RS256 keys of at least 2048 bits with kid, alg and use=sig. Copy the "
            "answer of COGNITO_JWKS_URL, or leave it unset.",
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
                hint=f"The hosted UI is at the root of its domain. Set it to {domain.origin}.",
                id="gatehouse.E004",
            )
        )
    prefix_domain = PREFIX_DOMAIN.fullmatch(domain.host)
    if prefix_domain and prefix_domain["region"] != settings.COGNITO_REGION:
        messages.append(
            checks.Error(
                "COGNITO_DOMAIN is the hosted UI of another region than COGNITO_REGION.",
                hint="A domain belongs to one user pool. Copy it from the pool's page.",
                id="gatehouse.E005",
            )
        )
    return messages


def check_reachable(**_: Any) -> list[CheckMessage]:
    """E006: a public site does not use loopback addresses for Cognito."""
    if _is_loopback(settings.PUBLIC_URL):
        return []
    return [
        checks.Error(
            f"{name} is on this machine, but PUBLIC_URL is not.",
            hint=f"Set {name} to that of the real user pool, or PUBLIC_URL to a loopback address.",
            id="gatehouse.E006",
        )
        for name in ("COGNITO_DOMAIN", "COGNITO_ISSUER", "COGNITO_JWKS_URL")
        if _is_loopback(getattr(settings, name))
    ]


def check_client_ids(**_: Any) -> list[CheckMessage]:
    """E007, E008, E011, W001: the accepted app clients are valid, and each is named once."""
    api_client_ids: frozenset[str] = settings.COGNITO_API_CLIENT_IDS
    accepted = api_client_ids | {settings.COGNITO_CLIENT_ID}
    messages: list[CheckMessage] = []
    if any(CLIENT_ID.fullmatch(client_id) is None for client_id in api_client_ids):
        messages.append(
            checks.Error(
                "COGNITO_API_CLIENT_IDS has an entry that is not an app client id.",
                hint="Separate ids by commas. An id has only letters and digits.",
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
    # begin capability docs-page
    if settings.COGNITO_DOCS_CLIENT_ID and settings.COGNITO_DOCS_CLIENT_ID not in accepted:
        messages.append(
            checks.Error(
                "COGNITO_DOCS_CLIENT_ID is an app client whose tokens are not accepted.",
                hint="Add it to COGNITO_API_CLIENT_IDS too, or remove it. Otherwise all calls from "
                "the API's documentation page get a 401.",
                id="gatehouse.E011",
            )
        )
    # end capability docs-page
    if settings.COGNITO_CLIENT_ID in api_client_ids:
        messages.append(
            checks.Warning(
                "COGNITO_API_CLIENT_IDS repeats COGNITO_CLIENT_ID.",
                hint="The web client's tokens are accepted anyway. List only other clients.",
                id="gatehouse.W001",
            )
        )
    return messages


def check_scopes(**_: Any) -> list[CheckMessage]:
    """E009, W002: scopes are separated by spaces, and allow signing out everywhere."""
    scopes: Iterable[str] = settings.COGNITO_SCOPES
    messages: list[CheckMessage] = []
    if any("," in scope for scope in scopes):
        messages.append(
            checks.Error(
                "COGNITO_SCOPES contains a comma. Cognito would refuse every sign-in.",
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
    """E010, W003, W004: a valid group gives access to the admin, and is named once."""
    staff: frozenset[str] = settings.COGNITO_STAFF_GROUPS
    superusers: frozenset[str] = settings.COGNITO_SUPERUSER_GROUPS
    messages: list[CheckMessage] = []
    if any(re.search(r"\s", group) for group in staff | superusers):
        messages.append(
            checks.Error(
                "A name in COGNITO_STAFF_GROUPS or COGNITO_SUPERUSER_GROUPS contains a space.",
                hint="Groups of a user pool cannot have such names. Separate names by commas.",
                id="gatehouse.E010",
            )
        )
    if not staff | superusers:
        messages.append(
            checks.Warning(
                "COGNITO_STAFF_GROUPS is empty, so no user can enter the admin.",
                hint="Name the user pool's group of operators.",
                id="gatehouse.W003",
            )
        )
    if staff & superusers:
        messages.append(
            checks.Warning(
                "A group is in both COGNITO_STAFF_GROUPS and COGNITO_SUPERUSER_GROUPS.",
                hint="Its members are superusers and have all permissions. If that is intended, "
                "name it only in COGNITO_SUPERUSER_GROUPS; superusers are staff as well.",
                id="gatehouse.W004",
            )
        )
    return messages


def check_trusted_proxy(**_: Any) -> list[CheckMessage]:
    """E012, E013: the trusted proxies are not all addresses, and include a Unix socket in use."""
    proxy = settings.TRUSTED_PROXY
    messages: list[CheckMessage] = []
    if proxy is not None and any(network.prefixlen == 0 for network in proxy.networks):
        messages.append(
            checks.Error(
                "TRUSTED_PROXY trusts every address, so visitors can choose the address that the "
                "audit trail shows and rate limits count.",
                hint="Name the networks of your proxies, such as 1 10.0.0.0/16.",
                id="gatehouse.E012",
            )
        )
    # https://docs.gunicorn.org/en/stable/settings.html#settings
    if "unix:" in os.environ.get("GUNICORN_CMD_ARGS", "") and not (proxy and proxy.unix_socket):
        messages.append(
            checks.Error(
                "GUNICORN_CMD_ARGS names a Unix socket, but TRUSTED_PROXY does not trust one. "
                "Requests have no address, so rate limits per address are off.",
                hint="Set TRUSTED_PROXY to 1 unix, and have the proxy send X-Forwarded-For.",
                id="gatehouse.E013",
            )
        )
    return messages


Check = Callable[..., list[CheckMessage]]

CHECKS: list[Check] = [
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


def run_all(**options: Any) -> list[CheckMessage]:
    """Run all checks. Only E014 runs while settings are missing, because it names them."""
    missing = project_checks.check_settings(**options)
    if missing:
        return missing
    return [message for check in (*CHECKS, *project_checks.CHECKS) for message in check(**options)]


def _issuers_of_the_pool() -> tuple[str, ...]:
    return PoolIssuer.of_pool(
        region=settings.COGNITO_REGION, user_pool_id=settings.COGNITO_USER_POOL_ID
    ).names


def _is_loopback(url: str) -> bool:
    return BaseURL.parse(url).is_loopback
