"""Who may sign up: anybody, or e-mail addresses of listed domains; confirmed at once or by a code.

ALLOWED_EMAIL_DOMAINS: comma separated; empty for any. AUTO_CONFIRM: `true` lets people sign in
without the code; their address stays unverified, since nobody has proved it.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html
"""

from __future__ import annotations

import os
from typing import Any


class SignUpRefused(Exception):
    """Cognito shows the text: `PreSignUp failed with error …`."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    del context
    # Operators may invite whom they like.
    if event["triggerSource"] == "PreSignUp_AdminCreateUser":
        return event
    email = event["request"]["userAttributes"].get("email", "")
    domain = email.rpartition("@")[2].strip().lower()
    names = os.environ.get("ALLOWED_EMAIL_DOMAINS", "").lower().split(",")
    allowed = {name.strip() for name in names if name.strip()}
    if allowed and domain not in allowed:
        raise SignUpRefused("addresses of this domain may not sign up")
    if os.environ.get("AUTO_CONFIRM") == "true" and event["triggerSource"] == "PreSignUp_SignUp":
        event["response"]["autoConfirmUser"] = True
    return event
