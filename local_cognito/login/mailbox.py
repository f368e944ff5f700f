"""`/mailbox`: the messages of the user pool, which MiniStack keeps instead of sending.

Text messages are among them, to `sms:` and a phone number.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from markupsafe import Markup, escape
from werkzeug.wrappers import Request, Response

from local_cognito.login.context import Login
from local_cognito.login.errors import Unavailable
from local_cognito.login.rendering import fragment, page

MAXIMUM = 50

_TAG = re.compile(r"<[^>]*>")
# Only these are marked up: links to this machine, temporary passwords, and codes. The text is
# escaped, so "&#" is the start of a quotation mark.
_MARKED_UP = re.compile(
    r"(?P<link>https?://(?:localhost|127\.0\.0\.1)(?::\d+)?(?:/(?:(?!&#)[^\s<>])*)?)"
    r"|(?<=temporary password )(?P<password>\S+)"
    r"|(?<![\w&#])(?P<code>\d{6}|\d{8})(?!\w)"
)


def show(login: Login, request: Request) -> Response:
    del request
    answer = login.web.get("/_ministack/ses/messages")
    if answer.status != HTTPStatus.OK:
        raise Unavailable
    accounts = json.loads(answer.body)["messages"]
    mails = [mail for sent in accounts.values() for mail in sent]
    mails.sort(key=lambda mail: float(mail["Timestamp"]), reverse=True)
    shown = Markup().join(_mail(mail) for mail in mails[:MAXIMUM])
    return page("mailbox", "Mailbox", width="broad", mails=shown or _nothing())


def _mail(mail: dict[str, Any]) -> Markup:
    sent_at = datetime.fromtimestamp(mail["Timestamp"], UTC)
    return fragment(
        "mail",
        subject=mail["Subject"],
        to=", ".join(mail["To"]),
        timestamp=sent_at.isoformat(),
        time=f"{sent_at:%d %B %Y, %H:%M:%S} UTC",
        body=_body(mail),
    )


def _body(mail: dict[str, Any]) -> Markup:
    text = mail["BodyText"] or _TAG.sub("", mail["BodyHtml"] or "")
    # The text is escaped first. The markup goes around characters without a meaning in HTML.
    return Markup(_MARKED_UP.sub(_marked_up, str(escape(text))))  # noqa: S704 - escaped


def _marked_up(match: re.Match[str]) -> str:
    if match["link"]:
        return f'<a href="{match[0]}">{match[0]}</a>'
    return f'<code class="code">{match[0]}</code>'


def _nothing() -> Markup:
    return Markup("<p>There is no mail yet.</p>")
