"""Bring users of another site along when they sign in or have forgotten their password.

The function asks the site (docs/migrate-users.md). If that fails, the log says why, and Cognito
treats the user as unknown.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import logging
import os
import secrets
import threading
import time
from typing import Any
from urllib.parse import urlsplit

# Cognito waits for 5 seconds, and Lambda for 4.
SECONDS = 3.4
ACTIONS = {
    "UserMigration_Authentication": "authenticate",
    "UserMigration_ForgotPassword": "forgot_password",
}

logger = logging.getLogger(__name__)


class Failed(Exception):
    """The text says why."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    del context
    action = ACTIONS.get(event["triggerSource"])
    if action is None:
        return event
    password = event["request"].get("password") or ""
    question = {"action": action, "username": event["userName"], "password": password}
    try:
        found = _within(SECONDS, question)
        if found.get("known") is True:
            event["response"] = {
                "userAttributes": _attributes(found, event["userName"]),
                "finalUserStatus": "CONFIRMED",
                "messageAction": "SUPPRESS",
            }
    except Failed as error:
        logger.error("No user was brought along: %s.", error)  # noqa: TRY400
    return event


def _attributes(found: dict[str, Any], username: str) -> dict[str, str]:
    given, allowed = found.get("attributes"), os.environ["ATTRIBUTES"].split(",")
    # Another address would be another account.
    if not isinstance(given, dict) or str(given.get("email")).lower() != username.strip().lower():
        raise Failed("the site answered with another address")
    kept = {name: given[name] for name in allowed if isinstance(given.get(name), str)}
    if name := os.environ.get("ID_ATTRIBUTE"):
        kept[f"custom:{name}"] = str(found.get("id"))
    verified = "true" if given.get("email_verified") == "true" else "false"
    return kept | {"email": given["email"].lower(), "email_verified": verified}


def _within(seconds: float, question: dict[str, str]) -> dict[str, Any]:
    # In a thread, because the limit of a socket starts again with each byte.
    found: list[dict[str, Any]] = []
    failures = [f"no answer within {seconds} s"]

    def run() -> None:
        try:
            found.append(_ask(question))
        except Failed as error:
            failures.append(str(error))
        except Exception as error:  # noqa: BLE001 - reported below
            failures.append(f"the site is unavailable ({type(error).__name__})")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise Failed(failures[-1])
    return found[0]


def _ask(question: dict[str, str]) -> dict[str, Any]:
    url = urlsplit(os.environ["URL"])
    body = json.dumps(question).encode()
    signed = f"v1 {os.environ['KEY_ID']} {int(time.time())} {secrets.token_hex(16)}"
    text = signed.encode() + b"\n" + body
    mac = hmac.new(os.environ["KEY"].encode(), text, hashlib.sha256).hexdigest()
    is_local = url.scheme == "http" and url.hostname in {"localhost", "127.0.0.1"}
    kind = http.client.HTTPConnection if is_local else http.client.HTTPSConnection
    connection = kind(url.netloc, timeout=SECONDS + 1)
    headers = {
        "Content-Type": "application/json",
        "X-Gatehouse-Signature": f"{signed} {mac}",
    }
    connection.request("POST", url.path, body, headers)
    answer = connection.getresponse()
    content = answer.read(65536)
    try:
        found = dict(json.loads(content))
    except (TypeError, ValueError):
        found = {"error": "no JSON object"}
    if answer.status != http.client.OK or "error" in found:
        raise Failed(f"the site answered {answer.status} ({str(found.get('error'))[:80]})")
    return found
