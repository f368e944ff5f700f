"""Restrict sign-up to e-mail domains, and confirm new users without a code, as configured.

ALLOWED_EMAIL_DOMAINS is a comma-separated list; an empty one allows every domain. With AUTO_CONFIRM
set to `true`, users sign in without a code. Their address stays unverified, because they did not
prove it.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html
"""

from __future__ import annotations

import os
from typing import Any


class SignUpRefused(Exception):
    """The sign-up is refused. Cognito shows the text: `PreSignUp failed with error …`."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    del context
    # Operators may invite addresses of every domain.
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
