"""The two users of the local stack."""

from __future__ import annotations

import json
from dataclasses import dataclass

from infra.local.ministack import MiniStack
from infra.local.pool import Pool
from infra.users import ensure_user

# Not a secret, because only this machine reaches the user pool of these users.
DEMO_PASSWORD = "Example-demo-1"  # noqa: S105


@dataclass(frozen=True)
class DemoUser:
    email: str
    name: str
    groups: tuple[str, ...]
    may: str


OPERATOR = DemoUser("operator@example.com", "Olivia Operator", ("operators",), "may open the admin")
USER = DemoUser("user@example.com", "Uma User", (), "an ordinary user")
DEMO_USERS = (OPERATOR, USER)


def demo_users_of_the_login() -> str:
    """Return the value of `--demo-users` of `python -m local_cognito.login`."""
    return json.dumps(
        [
            {"email": user.email, "name": user.name, "password": DEMO_PASSWORD, "may": user.may}
            for user in DEMO_USERS
        ]
    )


def ensure_demo_users(ministack: MiniStack, pool: Pool) -> None:
    cognito = ministack.cognito()
    for user in DEMO_USERS:
        ensure_user(
            cognito,
            user_pool_id=pool.user_pool_id,
            email=user.email,
            password=DEMO_PASSWORD,
            groups=user.groups,
            name=user.name,
        )
