"""The environment variables that configure the application, read once and typed.

A missing or odd value stops the start: :class:`EnvironmentProblems` names every variable that is
wrong, not just the first, with what was expected. Values are never shown, for they may be secrets.
docs/configuration.md describes each variable; a test keeps that page and this file together.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from cognito.urls import BaseURL, InvalidBaseURL

T = TypeVar("T")

TOKEN_USES = frozenset({"access", "id"})
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

# Signs nothing but a developer's own cookies: accepted with DJANGO_DEBUG only, on loopback only.
DEVELOPMENT_SECRET_KEY = "for-development-only:" + "gatehouse-" * 4
# What Django's own check asks for (security.W009).
SECRET_KEY_MIN_LENGTH = 50
FERNET_KEY_BYTES = 32


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
    staff_groups: frozenset[str]
    superuser_groups: frozenset[str]
    renew_seconds: int
    password_min_length: int
    auto_confirm: bool
    session_idle_seconds: int
    session_absolute_seconds: int
    token_encryption_keys: tuple[str, ...] = field(repr=False)
    aws_endpoint_url: str | None
    cors_allowed_origins: tuple[str, ...]
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


def _text(raw: str) -> str:
    return raw


def _boolean(raw: str) -> bool:
    try:
        return {"true": True, "1": True, "false": False, "0": False}[raw.lower()]
    except KeyError:
        raise ValueError("expected true or false") from None


def _whole_number(low: int, high: int, *, of: str) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", raw) or not low <= int(raw) <= high:
            raise ValueError(f"expected a whole number of {of} from {low} to {high}")
        return int(raw)

    return parse


def _seconds(low: int, high: int) -> Callable[[str], int]:
    return _whole_number(low, high, of="seconds")


def _words(raw: str) -> tuple[str, ...]:
    return tuple(raw.split())


def _names(raw: str) -> tuple[str, ...]:
    """Comma separated, order kept, blanks dropped."""
    return tuple(name for part in raw.split(",") if (name := part.strip()))


def _name_set(raw: str) -> frozenset[str]:
    return frozenset(_names(raw))


def _matching(pattern: str, expected: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if not re.fullmatch(pattern, raw):
            raise ValueError(f"expected {expected}")
        return raw

    return parse


def _base_url(raw: str) -> BaseURL:
    try:
        return BaseURL.parse(raw)
    except InvalidBaseURL as error:
        raise ValueError(str(error)) from None


def _origin_and_path(raw: str) -> str:
    return str(_base_url(raw))


def _optional_url(raw: str) -> str:
    return _origin_and_path(raw) if raw else raw


def _origins(raw: str) -> tuple[str, ...]:
    """Origins as browsers write them in the Origin header (RFC 6454 section 6.2)."""
    origins = []
    for name in _names(raw):
        try:
            url = BaseURL.parse(name)
        except InvalidBaseURL:
            url = None
        if url is None or url.path:
            raise ValueError(
                "expected origins such as https://app.example.com (http for this machine only), "
                "comma separated, without a path; there is no wildcard"
            )
        origins.append(url.origin)
    return tuple(origins)


def _token_uses(raw: str) -> frozenset[str]:
    uses = _name_set(raw)
    if not uses or not uses <= TOKEN_USES:
        raise ValueError("expected access, or access,id")
    return uses


def _scopes(raw: str) -> tuple[str, ...]:
    scopes = _words(raw)
    if "openid" not in scopes:
        raise ValueError("expected scopes separated by spaces, openid among them")
    return scopes


def _jwks(raw: str) -> str:
    if not raw:
        return raw
    try:
        document = json.loads(raw)
    except ValueError:
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError('expected a JSON Web Key Set: {"keys": [...]}')  # noqa: TRY004 # a value
    return raw


def _log_level(raw: str) -> str:
    if raw.upper() not in LOG_LEVELS:
        raise ValueError(f"expected one of {', '.join(LOG_LEVELS)}")
    return raw.upper()


def _secret_key(raw: str) -> str:
    if len(raw) < SECRET_KEY_MIN_LENGTH:
        raise ValueError(f"expected at least {SECRET_KEY_MIN_LENGTH} random characters")
    return raw


def _secret_keys(raw: str) -> tuple[str, ...]:
    return tuple(_secret_key(key) for key in _names(raw))


def _fernet_keys(raw: str) -> tuple[str, ...]:
    keys = _names(raw)
    for key in keys:
        try:
            decoded = base64.urlsafe_b64decode(key.encode("ascii"))
        except (binascii.Error, UnicodeEncodeError):
            decoded = b""
        if len(decoded) != FERNET_KEY_BYTES:
            raise ValueError(
                "expected Fernet keys, newest first, comma separated; make one with "
                "`openssl rand -base64 32 | tr '+/' '-_'`"
            )
    return keys


def _derived_fernet_key(secret_key: str) -> str:
    digest = hashlib.sha256(b"gatehouse token encryption:" + secret_key.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")


def read(environ: Mapping[str, str], *, default_database_url: str) -> Environment:
    """The configuration in `environ`.

    Raises:
        EnvironmentProblems: naming every variable that is missing or odd.
    """
    reader = _Reader(environ)
    debug = reader.read("DJANGO_DEBUG", _boolean, default="false") or False
    public_url = reader.read("PUBLIC_URL", _base_url, default="http://localhost:8000")
    if debug and public_url is not None and not public_url.is_loopback:
        # DEBUG shows settings and source to whoever causes an error.
        reader.problems["DJANGO_DEBUG"] = "must be false unless PUBLIC_URL is on this machine"

    secret_key = reader.read(
        "DJANGO_SECRET_KEY", _secret_key, default=DEVELOPMENT_SECRET_KEY if debug else None
    )
    region = reader.read("COGNITO_REGION", _matching(r"[a-z]{2}(-[a-z]+)+-\d", "an AWS region"))
    pool_pattern = rf"{re.escape(region)}_[A-Za-z0-9]+" if region else r"[\w-]+_[A-Za-z0-9]+"
    user_pool_id = reader.read(
        "COGNITO_USER_POOL_ID",
        _matching(pool_pattern, "a user pool of COGNITO_REGION, such as eu-west-1_AbCdEfGhI"),
    )
    client_id_pattern = r"[\w+]{1,128}"
    client_id = reader.read("COGNITO_CLIENT_ID", _matching(client_id_pattern, "an app client id"))
    pool_url = f"https://cognito-idp.{region}.amazonaws.com/{user_pool_id}"
    issuer = reader.read("COGNITO_ISSUER", _origin_and_path, default=pool_url)
    derived_key = _derived_fernet_key(secret_key) if debug and secret_key else None
    absolute = _seconds(300, 31_536_000)

    values: dict[str, object] = {
        "debug": debug,
        "secret_key": secret_key,
        "secret_key_fallbacks": reader.read(
            "DJANGO_SECRET_KEY_FALLBACKS", _secret_keys, default=""
        ),
        "public_url": public_url,
        "database_url": reader.read("DATABASE_URL", _text, default=default_database_url),
        "region": region,
        "user_pool_id": user_pool_id,
        "client_id": client_id,
        "client_secret": environ.get("COGNITO_CLIENT_SECRET", "").strip(),
        "domain": reader.read("COGNITO_DOMAIN", _base_url),
        "issuer": issuer,
        "jwks_url": reader.read(
            "COGNITO_JWKS_URL",
            _origin_and_path,
            default=f"{issuer or pool_url}/.well-known/jwks.json",
        ),
        "jwks": reader.read("COGNITO_JWKS", _jwks, default=""),
        "api_token_uses": reader.read("COGNITO_API_TOKEN_USES", _token_uses, default="access"),
        "scopes": reader.read(
            "COGNITO_SCOPES", _scopes, default="openid email profile aws.cognito.signin.user.admin"
        ),
        "api_client_ids": reader.read("COGNITO_API_CLIENT_IDS", _name_set, default=""),
        "first_party_client_ids": reader.read(
            "COGNITO_FIRST_PARTY_CLIENT_IDS", _name_set, default=client_id or ""
        ),
        "docs_client_id": reader.read(
            "COGNITO_DOCS_CLIENT_ID",
            _matching(f"({client_id_pattern})?", "a public app client's id"),
            default="",
        ),
        "staff_groups": reader.read("COGNITO_STAFF_GROUPS", _name_set, default="operators"),
        "superuser_groups": reader.read("COGNITO_SUPERUSER_GROUPS", _name_set, default=""),
        "renew_seconds": reader.read("COGNITO_RENEW_SECONDS", _seconds(10, 3600), default="300"),
        "password_min_length": reader.read(
            "COGNITO_PASSWORD_MIN_LENGTH", _whole_number(6, 99, of="characters"), default="12"
        ),
        "auto_confirm": reader.read("COGNITO_AUTO_CONFIRM", _boolean, default="false"),
        "session_idle_seconds": reader.read("SESSION_IDLE_SECONDS", absolute, default="28800"),
        "session_absolute_seconds": reader.read(
            "SESSION_ABSOLUTE_SECONDS", absolute, default="604800"
        ),
        "token_encryption_keys": reader.read(
            "TOKEN_ENCRYPTION_KEYS", _fernet_keys, default=derived_key
        ),
        "aws_endpoint_url": reader.read("AWS_ENDPOINT_URL", _optional_url, default="") or None,
        "cors_allowed_origins": reader.read("CORS_ALLOWED_ORIGINS", _origins, default=""),
        "log_level": reader.read("LOG_LEVEL", _log_level, default="INFO"),
    }
    if reader.problems:
        raise EnvironmentProblems(reader.problems)
    return Environment(**values)  # type: ignore[arg-type] # no None is left: each is a problem
