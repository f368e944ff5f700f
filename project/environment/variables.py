"""The environment variables that configure the application, read once and typed.

A missing or odd value stops the start: :class:`EnvironmentProblems` names every variable that is
wrong, not just the first, with what was expected. Values are never shown, for they may be secrets.
docs/configuration.md describes each variable; a test keeps that page and this file together.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from cognito.tokens.pool_issuer import PoolIssuer
from cognito.wire.base_url import BaseURL
from project.environment import values
from project.environment.trusted_proxy import TrustedProxy

T = TypeVar("T")

# Signs nothing but a developer's own cookies: accepted with DJANGO_DEBUG only, on loopback only.
DEVELOPMENT_SECRET_KEY = "for-development-only:" + "gatehouse-" * 4


class EnvironmentProblems(Exception):
    """One or more variables are missing or odd. `problems` maps each name to what was expected."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        lines = "\n".join(f"  {name}: {expected}" for name, expected in problems.items())
        super().__init__(
            f"The environment does not configure Gatehouse:\n{lines}\n"
            "docs/configuration.md describes every variable; `make run` sets them all up locally."
        )


@dataclass(frozen=True, slots=True)
class Environment:
    """Every variable of docs/configuration.md, in its type. Seconds are whole seconds."""

    debug: bool
    secret_key: str = field(repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(repr=False)
    public_url: BaseURL
    database_url: str = field(repr=False)
    region: str
    user_pool_id: str
    client_id: str
    client_secret: str = field(repr=False)
    domain: BaseURL
    issuer: str
    jwks_url: str
    jwks: str = field(repr=False)
    api_token_uses: frozenset[str]
    scopes: tuple[str, ...]
    api_client_ids: frozenset[str]
    first_party_client_ids: frozenset[str]
    docs_client_id: str
    docs_scopes: tuple[str, ...]
    staff_groups: frozenset[str]
    superuser_groups: frozenset[str]
    staff_require_mfa: bool
    renew_seconds: int
    refresh_token_days: int
    password_min_length: int
    auto_confirm: bool
    session_idle_seconds: int
    session_absolute_seconds: int
    token_encryption_keys: tuple[str, ...] = field(repr=False)
    aws_endpoint_url: str | None
    cors_allowed_origins: tuple[str, ...]
    trusted_proxy: TrustedProxy | None
    log_level: str


class _Reader:
    """Reads one variable at a time and gathers what is wrong with any of them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: dict[str, str] = {}

    def read(self, name: str, parse: Callable[[str], T], *, default: str | None = None) -> T | None:
        """The parsed value; None, and a problem noted, where there is none.

        An empty variable counts as unset: that is what `NAME=` in a dotenv file means to say.
        """
        raw: str | None = self._environ.get(name, "").strip() or default
        if raw is None:
            self.problems[name] = "is required"
            return None
        try:
            return parse(raw)
        except ValueError as error:
            self.problems[name] = str(error)
            return None


def _derived_fernet_key(secret_key: str) -> str:
    digest = hashlib.sha256(b"gatehouse token encryption:" + secret_key.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")


def read(environ: Mapping[str, str], *, default_database_url: str) -> Environment:
    """The configuration in `environ`.

    Raises:
        EnvironmentProblems: naming every variable that is missing or odd.
    """
    reader = _Reader(environ)
    debug = reader.read("DJANGO_DEBUG", values.boolean, default="false") or False
    public_url = reader.read("PUBLIC_URL", values.base_url, default="http://localhost:8000")
    if debug and public_url is not None and not public_url.is_loopback:
        # DEBUG shows settings and source to whoever causes an error.
        reader.problems["DJANGO_DEBUG"] = "must be false unless PUBLIC_URL is on this machine"

    secret_key = reader.read(
        "DJANGO_SECRET_KEY", values.secret_key, default=DEVELOPMENT_SECRET_KEY if debug else None
    )
    region = reader.read(
        "COGNITO_REGION", values.matching(r"[a-z]{2}(-[a-z]+)+-\d", "an AWS region")
    )
    pool_pattern = rf"{re.escape(region)}_[A-Za-z0-9]+" if region else r"[\w-]+_[A-Za-z0-9]+"
    user_pool_id = reader.read(
        "COGNITO_USER_POOL_ID",
        values.matching(pool_pattern, "a user pool of COGNITO_REGION, such as eu-west-1_AbCdEfGhI"),
    )
    client_id = reader.read(
        "COGNITO_CLIENT_ID", values.matching(values.CLIENT_ID, "an app client id")
    )
    pool_url = PoolIssuer.of_pool(region=str(region), user_pool_id=str(user_pool_id)).name
    issuer = reader.read("COGNITO_ISSUER", values.origin_and_path, default=pool_url)
    derived_key = _derived_fernet_key(secret_key) if debug and secret_key else None
    absolute = values.seconds(300, 31_536_000)

    settings: dict[str, object] = {
        "debug": debug,
        "secret_key": secret_key,
        "secret_key_fallbacks": reader.read(
            "DJANGO_SECRET_KEY_FALLBACKS", values.secret_keys, default=""
        ),
        "public_url": public_url,
        "database_url": reader.read(
            "DATABASE_URL", values.database_url, default=default_database_url
        ),
        "region": region,
        "user_pool_id": user_pool_id,
        "client_id": client_id,
        "client_secret": environ.get("COGNITO_CLIENT_SECRET", "").strip(),
        "domain": reader.read("COGNITO_DOMAIN", values.base_url),
        "issuer": issuer,
        "jwks_url": reader.read(
            "COGNITO_JWKS_URL",
            values.origin_and_path,
            default=f"{issuer or pool_url}/.well-known/jwks.json",
        ),
        "jwks": reader.read("COGNITO_JWKS", values.jwks, default=""),
        "api_token_uses": reader.read(
            "COGNITO_API_TOKEN_USES", values.token_uses, default="access"
        ),
        "scopes": reader.read(
            "COGNITO_SCOPES",
            values.scopes,
            default="openid email profile aws.cognito.signin.user.admin",
        ),
        "api_client_ids": reader.read("COGNITO_API_CLIENT_IDS", values.client_ids, default=""),
        "first_party_client_ids": reader.read(
            "COGNITO_FIRST_PARTY_CLIENT_IDS", values.client_ids, default=client_id or ""
        ),
        "docs_client_id": reader.read(
            "COGNITO_DOCS_CLIENT_ID",
            values.matching(f"({values.CLIENT_ID})?", "a public app client's id"),
            default="",
        ),
        "docs_scopes": reader.read(
            "COGNITO_DOCS_SCOPES",
            values.scopes,
            default="openid email profile aws.cognito.signin.user.admin "
            "api/read api/write api/account",
        ),
        "staff_groups": reader.read(
            "COGNITO_STAFF_GROUPS", values.group_names, default="operators"
        ),
        "superuser_groups": reader.read("COGNITO_SUPERUSER_GROUPS", values.group_names, default=""),
        "staff_require_mfa": reader.read(
            "COGNITO_STAFF_REQUIRE_MFA", values.boolean, default="false"
        ),
        "renew_seconds": reader.read(
            "COGNITO_RENEW_SECONDS", values.seconds(10, 3600), default="300"
        ),
        "refresh_token_days": reader.read(
            "COGNITO_REFRESH_TOKEN_DAYS", values.whole_number(1, 3650, of="days"), default="30"
        ),
        "password_min_length": reader.read(
            "COGNITO_PASSWORD_MIN_LENGTH", values.whole_number(6, 99, of="characters"), default="12"
        ),
        "auto_confirm": reader.read("COGNITO_AUTO_CONFIRM", values.boolean, default="false"),
        "session_idle_seconds": reader.read("SESSION_IDLE_SECONDS", absolute, default="28800"),
        "session_absolute_seconds": reader.read(
            "SESSION_ABSOLUTE_SECONDS", absolute, default="604800"
        ),
        "token_encryption_keys": reader.read(
            "TOKEN_ENCRYPTION_KEYS", values.fernet_keys, default=derived_key
        ),
        "aws_endpoint_url": reader.read("AWS_ENDPOINT_URL", values.optional_url, default="")
        or None,
        "cors_allowed_origins": reader.read("CORS_ALLOWED_ORIGINS", values.origins, default=""),
        "trusted_proxy": reader.read("TRUSTED_PROXY", values.trusted_proxy, default="none"),
        "log_level": reader.read("LOG_LEVEL", values.log_level, default="INFO"),
    }
    if reader.problems:
        raise EnvironmentProblems(reader.problems)
    return Environment(**settings)  # type: ignore[arg-type] # no None is left: each is a problem
