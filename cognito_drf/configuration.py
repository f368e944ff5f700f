"""The setting `COGNITO`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from cognito.tokens.claims import ACCESS, ID
from cognito.tokens.pool_verifier import pool_verifier
from cognito.tokens.verifier import TokenVerifier

_REQUIRED = frozenset({"USER_POOL_ID", "CLIENT_IDS"})
_OPTIONAL = frozenset({"AUDIENCE", "ISSUER", "JWKS_URL", "TOKEN_USES"})


@dataclass(frozen=True)
class Configuration:
    """What the setting says."""

    verifier: TokenVerifier
    token_uses: frozenset[str]


@cache
def configuration() -> Configuration:
    """Return the verifier of the process. Raises ImproperlyConfigured."""
    given = getattr(settings, "COGNITO", None)
    if not isinstance(given, dict):
        raise ImproperlyConfigured("COGNITO must be a dictionary: see docs/verify-tokens.md.")
    if missing := _REQUIRED - given.keys():
        raise ImproperlyConfigured(f"COGNITO lacks {', '.join(sorted(missing))}.")
    if unknown := given.keys() - _REQUIRED - _OPTIONAL:
        raise ImproperlyConfigured(f"COGNITO does not have {', '.join(sorted(map(str, unknown)))}.")
    token_uses = frozenset(given.get("TOKEN_USES", (ACCESS,)))
    if not token_uses or not token_uses <= {ACCESS, ID}:
        raise ImproperlyConfigured('COGNITO["TOKEN_USES"] must name "access", "id" or both.')
    try:
        verifier = pool_verifier(
            given["USER_POOL_ID"],
            client_ids=given["CLIENT_IDS"],
            audience=given.get("AUDIENCE"),
            issuer=given.get("ISSUER", ""),
            jwks_url=given.get("JWKS_URL", ""),
        )
    except (TypeError, ValueError) as error:
        raise ImproperlyConfigured(f"COGNITO: {error}") from error
    return Configuration(verifier, token_uses)


def _read_again(*, setting: str, **_: Any) -> None:
    if setting == "COGNITO":
        configuration.cache_clear()


# Django sends this signal when a test changes a setting.
setting_changed.connect(_read_again)
