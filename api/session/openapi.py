"""The operation of the browser session in the OpenAPI document."""

from __future__ import annotations

from typing import Final

from api.operation import Operation, Operations
from api.session.views import CurrentSessionSerializer, SessionView

TAG: Final = "Pages of this site"

OPERATIONS: Final[Operations] = {
    SessionView: {
        "get": Operation(
            id="getSession",
            summary="Get the browser session",
            description="For a script on a page of this site. Returns the signed-in user, the CSRF "
            "token and the end of the session. A visitor gets a 401, and a user whose session has "
            "ended gets a 410; both have `sign_in_url`, to which the page appends `?next=` and its "
            "own path.",
            tag=TAG,
            gives={200: CurrentSessionSerializer},
            answered={
                "signed_in": True,
                "user": {
                    "sub": "35319903-d9f5-4ba9-9cc9-04cbe1af2978",
                    "username": "35319903-d9f5-4ba9-9cc9-04cbe1af2978",
                    "name": "Ada Lovelace",
                    "email": "ada@example.com",
                    "email_verified": True,
                    "groups": ["editors"],
                },
                "csrf_token": "mZQqYb1n6y0o5c1nVh2zJfUeKk8sRrTtWw9xXaLdPpQqGg7iMmHhNnBbVvCcDdEe",
                "idle_expires_at": "2026-11-21T14:00:00Z",
                "expires_at": "2026-11-28T06:00:00Z",
                "sign_out_url": "/accounts/logout/",
            },
        )
    }
}
