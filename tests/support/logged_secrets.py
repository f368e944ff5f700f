"""What may not be in a log, and how to find it there."""

from __future__ import annotations

import re

from infra.local.demo import DEMO_PASSWORD
from tests.support.environment import VARIABLES
from tests.support.provider.fixtures import CLIENT_SECRET

# A signed or encrypted JWT: what access, ID and refresh tokens are.
TOKEN = re.compile(r"eyJ[\w-]{10,}\.[\w-]*\.[\w-]{10,}")
# A code, state, verifier or password as a parameter. Each has a digit in it; a source line that a
# traceback quotes, such as `refresh_token=tokens.refresh_token`, has none.
PARAMETER = re.compile(
    r"\b(code|state|nonce|code_verifier|refresh_token|client_secret|password)="
    r"(?=[\w%.~+/-]*\d)[\w%.~+/-]{6,}"
)
SECRETS = [
    VARIABLES["DJANGO_SECRET_KEY"],
    VARIABLES["COGNITO_CLIENT_SECRET"],
    VARIABLES["TOKEN_ENCRYPTION_KEYS"],
    CLIENT_SECRET,
    DEMO_PASSWORD,
]


def secrets_in(line: str) -> list[str]:
    """What is secret in the line, by name."""
    found = [
        name for name, form in (("token", TOKEN), ("parameter", PARAMETER)) if form.search(line)
    ]
    return found + [f"secret {i}" for i, secret in enumerate(SECRETS) if secret in line]
