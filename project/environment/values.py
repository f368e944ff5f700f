"""Parse the text of an environment variable into a typed value.

Each parser raises ValueError that says what was expected. It never quotes the text, which may be a
secret.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dj_database_url

from cognito.wire.base_url import BaseURL, InvalidBaseURL
from project.databases.authorities import tls_options

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
CLIENT_ID = r"[\w+]{1,128}"
# What GetDerivedToken accepts as an audience.
# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetDerivedToken.html
AUDIENCE = r"[\x21\x23-\x5B\x5D-\x7E]{1,256}"
USER_POOL = "a user pool of COGNITO_REGION, such as eu-west-1_AbCdEfGhI"
# What PutEvents accepts, or nothing.
EVENT_BUS = (
    r"((arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus/)?[.\-_A-Za-z0-9]{1,256})?"
)
TOKEN_USES = frozenset({"access", "id"})
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# What Django's own check asks for (security.W009).
SECRET_KEY_MIN_LENGTH = 50
FERNET_KEY_BYTES = 32
SECRET_KINDS = ("client", "encryption", "signing")
# More would not fit beside the navigation, nor into the list of an authenticator app.
MAX_SITE_NAME = 60
STATIC_FILES = Path(__file__).resolve().parents[2] / "accounts/static"


def boolean(raw: str) -> bool:
    try:
        return {"true": True, "1": True, "false": False, "0": False}[raw.lower()]
    except KeyError:
        raise ValueError("expected true or false") from None


def site_name(raw: str) -> str:
    # Authenticator apps separate the name from the account by a colon:
    # https://github.com/google/google-authenticator/wiki/Key-Uri-Format
    if not (0 < len(raw) <= MAX_SITE_NAME and raw.isprintable() and ":" not in raw):
        raise ValueError(f"expected 1 to {MAX_SITE_NAME} visible characters without a colon")
    return raw


def logo(raw: str) -> str:
    # The path is a part of a URL too.
    if raw and not re.fullmatch(r"(?:\w[\w-]*/)*\w[\w.-]*\.(?:svg|png)", raw, re.ASCII):
        raise ValueError(
            "expected the path of an SVG or PNG file below accounts/static/, such as brand/logo.svg"
        )
    if raw and not (STATIC_FILES / raw).is_file():
        raise ValueError("expected the path of a file below accounts/static/; there is none")
    return raw


def support(raw: str) -> str:
    raw = raw.removeprefix("mailto:")
    # Both are parts of links. Characters that a link would have to encode are not needed.
    is_email = re.fullmatch(r"[\w.+-]{1,64}@(?:[\w-]+\.)+[a-zA-Z]{2,}", raw, re.ASCII)
    is_url = re.fullmatch(r"https://(?:[\w-]+\.)+[a-zA-Z]{2,}(?::\d+)?(?:/[!-~]*)?", raw, re.ASCII)
    if raw and not (is_email or is_url):
        raise ValueError(
            "expected an e-mail address such as help@example.com, or an address such as "
            "https://example.com/help"
        )
    return raw


def database_url(raw: str) -> str:
    """Accept only databases that the application is tested with."""
    match = re.fullmatch(r"postgres(?:ql)?://.*|sqlite:///.+|sqlite://:memory:", raw)
    try:
        database = dj_database_url.parse(raw) if match else {}
    except ValueError:
        database = {}
    if not database.get("NAME"):
        raise ValueError(
            "expected postgres://user:password@host:5432/name, its parts percent-encoded, or "
            "sqlite:////absolute/path"
        )
    tls_options(database.get("HOST", ""), database.get("OPTIONS", {}))
    return raw


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WholeNumber:
    """Parse a whole number within bounds. `of` is its unit."""

    low: int
    high: int
    of: str

    def __call__(self, raw: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", raw) or not self.low <= int(raw) <= self.high:
            raise ValueError(f"expected a whole number of {self.of} from {self.low} to {self.high}")
        return int(raw)


def names(raw: str) -> tuple[str, ...]:
    """Split a list at its commas. Drop blanks, but refuse a list of commas alone."""
    members = tuple(name for part in raw.split(",") if (name := part.strip()))
    if raw and not members:
        raise ValueError("expected a list separated by commas, and found commas alone")
    return members


def group_names(raw: str) -> frozenset[str]:
    """Refuse another notation of a list, which would be one name that no group has."""
    groups = names(raw)
    if not all(re.fullmatch(r"[^\s\x00-\x1f\x7f\"'\[\](){};]{1,128}", name) for name in groups):
        raise ValueError(
            "expected names of groups separated by commas, without spaces, quotes, brackets and "
            "semicolons"
        )
    return frozenset(groups)


def client_ids(raw: str) -> frozenset[str]:
    ids = names(raw)
    if not all(re.fullmatch(CLIENT_ID, name) for name in ids):
        raise ValueError("expected app client ids separated by commas")
    return frozenset(ids)


def matching(pattern: str, expected: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if not re.fullmatch(pattern, raw):
            raise ValueError(f"expected {expected}")
        return raw

    return parse


def url(raw: str) -> str:
    return str(BaseURL.parse(raw))


def origins(raw: str) -> tuple[str, ...]:
    """Write origins as browsers do in the Origin header (RFC 6454, section 6.2)."""
    origins = []
    for name in names(raw):
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


def token_uses(raw: str) -> frozenset[str]:
    uses = frozenset(names(raw))
    if not uses or not uses <= TOKEN_USES:
        raise ValueError("expected access, or access,id")
    return uses


def scopes(raw: str) -> tuple[str, ...]:
    scopes = tuple(raw.split())
    if "openid" not in scopes:
        raise ValueError("expected scopes separated by spaces, openid among them")
    return scopes


def jwks(raw: str) -> str:
    if not raw:
        return raw
    try:
        document = json.loads(raw)
    except ValueError:
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError('expected a JSON Web Key Set: {"keys": [...]}')  # noqa: TRY004 # a value
    return raw


def log_level(raw: str) -> str:
    if raw.upper() not in LOG_LEVELS:
        raise ValueError(f"expected one of {', '.join(LOG_LEVELS)}")
    return raw.upper()


def secret_key(raw: str) -> str:
    if len(raw) < SECRET_KEY_MIN_LENGTH:
        raise ValueError(f"expected at least {SECRET_KEY_MIN_LENGTH} random characters")
    return raw


def secret_keys(raw: str) -> tuple[str, ...]:
    return tuple(secret_key(key) for key in names(raw))


def moments(raw: str) -> dict[str, datetime]:
    """Parse names with moments, such as `signing=2026-11-28T12:00Z`."""
    found = {}
    for entry in names(raw):
        name, _, text = entry.partition("=")
        try:
            moment = datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
        except ValueError:
            raise ValueError(
                f"expected {', '.join(SECRET_KINDS)} with times, comma separated, such as "
                "signing=2026-11-28T12:00Z"
            ) from None
        if name not in SECRET_KINDS:
            raise ValueError(f"expected names of {', '.join(SECRET_KINDS)}")
        found[name] = moment
    return found


def fernet_keys(raw: str) -> tuple[str, ...]:
    keys = names(raw)
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
