"""What the home page shows to a developer, with DJANGO_DEBUG only."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse

# The users of the local stack (infra/local/demo.py), whose user pool only this machine can reach.
LOCAL_PASSWORD = "Example-demo-1"  # noqa: S105 # not a secret, as it says above
LOCAL_USERS = (
    ("user@example.com", "an ordinary user"),
    ("operator@example.com", "who may open the admin"),
)


def help_for_developers() -> dict[str, Any]:
    """Return the context of `gatehouse/development.html`."""
    help_for_all: dict[str, Any] = {}
    help_for_all["example"] = static("examples/spa/own-pages/index.html")  # only with notes
    if not settings.AWS_ENDPOINT_URL:
        # The user pool is a real one, with other users.
        return help_for_all
    return help_for_all | {
        "users": LOCAL_USERS,
        "password": LOCAL_PASSWORD,
        "mailbox": f"{settings.COGNITO_DOMAIN}/mailbox",
        "curl": _curl(LOCAL_USERS[0][0]),
    }


def _curl(email: str) -> str:
    address = settings.PUBLIC_ORIGIN + reverse("api:auth:sign-in")
    credentials = json.dumps({"email": email, "password": LOCAL_PASSWORD})
    header = "Content-Type: application/json"
    return f"curl {address} \\\n  -H '{header}' \\\n  -d '{credentials}'"
