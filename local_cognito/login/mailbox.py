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
# Only codes and links to this machine are marked up.
_CODE = re.compile(r"(?<![\w&#])(?:\d{6}|\d{8})(?!\w)")
# The text is escaped, so "&#" is the start of a quotation mark.
_LINK = re.compile(r"https?://(?:localhost|127\.0\.0\.1)(?::\d+)?/(?:(?!&#)[^\s<>])*")


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
    html = _LINK.sub(lambda link: f'<a href="{link[0]}">{link[0]}</a>', str(escape(text)))
    if "<a " not in html:
        html = _CODE.sub(lambda code: f'<code class="code">{code[0]}</code>', html)
    return Markup(html)  # noqa: S704 - escaped above


def _nothing() -> Markup:
    return Markup("<p>There is no mail yet.</p>")
