"""What the stage's secret in Secrets Manager holds, and the variables that follow from it.

While a secret is replaced, the JSON object has both of its values:

- `NEXT_` and the variable's name is a value that is already accepted, and not used yet.
- A former value is still accepted: in DJANGO_SECRET_KEY_FALLBACKS, behind the first of
  TOKEN_ENCRYPTION_KEYS, or as the app client's other secret at Cognito.

rotation/ moves the values from one place to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

SIGNING_KEY = "DJANGO_SECRET_KEY"
FORMER_SIGNING_KEYS = "DJANGO_SECRET_KEY_FALLBACKS"
ENCRYPTION_KEYS = "TOKEN_ENCRYPTION_KEYS"
CLIENT_SECRET = "COGNITO_CLIENT_SECRET"  # noqa: S105 - a name
# Cognito's id of the secret that is stored as CLIENT_SECRET.
CLIENT_SECRET_ID = "COGNITO_CLIENT_SECRET_ID"  # noqa: S105 - a name
NEXT = "NEXT_"
# When each secret came into use: `client=2026-11-28T12:00Z,encryption=…,signing=…`.
CREATED = "SECRETS_CREATED"

KINDS = ("client", "signing", "encryption")
# What a deployment needs to know and the application does not.
_NOT_VARIABLES = frozenset(
    {CLIENT_SECRET_ID, *(f"{NEXT}{name}" for name in (SIGNING_KEY, ENCRYPTION_KEYS, CLIENT_SECRET))}
)
_FORMAT = "%Y-%m-%dT%H:%MZ"


def variables_of(stored: Mapping[str, str]) -> dict[str, str]:
    """Return the application's variables. A next key is accepted, and not used."""
    variables = {name: value for name, value in stored.items() if name not in _NOT_VARIABLES}
    for name in (FORMER_SIGNING_KEYS, ENCRYPTION_KEYS):
        next_name = NEXT + (SIGNING_KEY if name == FORMER_SIGNING_KEYS else name)
        values = [*split(stored.get(name, "")), *split(stored.get(next_name, ""))]
        if values:
            variables[name] = ",".join(values)
        else:
            variables.pop(name, None)
    return variables


def split(values: str) -> list[str]:
    return [value.strip() for value in values.split(",") if value.strip()]


def created(values: Mapping[str, str]) -> dict[str, datetime]:
    """Return when each kind of secret came into use, as far as that is known.

    Args:
        values: the stored secret, or the variables of the function.
    """
    found = {}
    for entry in split(values.get(CREATED, "")):
        kind, _, text = entry.partition("=")
        found[kind] = datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)
    return found


def with_created(stored: Mapping[str, str], **moments: datetime) -> dict[str, str]:
    """Return the stored secret with these moments in addition to those that it has."""
    known = created(stored) | moments
    text = ",".join(
        f"{kind}={known[kind].astimezone(UTC).strftime(_FORMAT)}" for kind in sorted(known)
    )
    return {**stored, CREATED: text}
