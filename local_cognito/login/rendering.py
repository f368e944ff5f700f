"""Render the files of `pages/`. Values are escaped."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from pathlib import Path

from markupsafe import Markup
from werkzeug.wrappers import Response

from local_cognito.login.errors import Refused

DIRECTORY = Path(__file__).with_name("pages")
# The application's own variable, so that `SITE_NAME=Acme make run` names both.
SITE_NAME = os.environ.get("SITE_NAME") or "Gatehouse"

# Messages at the top of a page, which the address of a redirect names.
NOTICES = {
    "confirmed": "Your account is confirmed. Sign in now.",
    "reset": "Your password is changed. Sign in with it now.",
    "sent": "If this address has an unconfirmed account, another code is on its way.",
}

_SCRIPT = Markup('<script src="/static/passkeys.js" defer></script>')

_PROBLEMS = {
    "CodeMismatchException": "This code is incorrect. Try again.",
    "EnableSoftwareTokenMFAException": "This code is incorrect. Try again.",
    "ExpiredCodeException": "There is no valid code for this address. Send another code.",
    "UsernameExistsException": "This e-mail address is already in use.",
}


def page(
    name: str,
    title: str,
    *,
    status: int = HTTPStatus.OK,
    form_target: str = "",
    width: str = "narrow",
    is_scripted: bool = False,
    **values: str,
) -> Response:
    """Return a page.

    `form_target` is the origin to which the redirects of its form may lead, and `is_scripted` says
    whether the page has the script for passkeys.
    """
    mailbox_link = "" if name == "mailbox" else Markup('<a href="/mailbox">Open the mailbox</a>')
    content = fragment(name, **values)
    html = fragment(
        "layout",
        title=title,
        content=content,
        width=width,
        mailbox_link=mailbox_link,
        script=_SCRIPT if is_scripted else "",
    )
    response = Response(html, status=status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _content_security_policy(
        form_target, is_scripted=is_scripted
    )
    return response


def form_page(
    name: str,
    title: str,
    *,
    form_target: str,
    refused: Markup | None,
    said: Markup = Markup(),  # noqa: B008 - immutable
    is_scripted: bool = False,
    **values: str,
) -> Response:
    """Return a page with a form: with an error (400), or else with the message `said`."""
    return page(
        name,
        title,
        status=HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK,
        form_target=form_target,
        is_scripted=is_scripted,
        messages=refused or said,
        **values,
    )


def fragment(name: str, **values: str) -> Markup:
    """Return `name`.html with SITE_NAME and its values. Strings are escaped, Markup is not."""
    return _template(name).format(site_name=SITE_NAME, **values)


def field(
    name: str,
    label: str,
    *,
    kind: str = "text",
    autocomplete: str,
    value: str = "",
    hint: str = "",
    numeric: bool = False,
) -> Markup:
    """Return a required input with its label. With `numeric`, phones show a numeric keypad."""
    identity = f"field-{name}".replace(":", "-")
    attributes = Markup(' value="{}"').format(value) if value else Markup()
    if numeric:
        attributes += Markup(' inputmode="numeric"')
    if hint:
        attributes += Markup(' aria-describedby="{}-hint"').format(identity)
    shown_hint = Markup('<p class="quiet" id="{}-hint">{}</p>').format(identity, hint)
    return Markup(
        '<div class="field"><label for="{id}">{label}</label>'
        '<input id="{id}" name="{name}" type="{kind}" autocomplete="{autocomplete}"'
        "{attributes} required>{hint}</div>"
    ).format(
        id=identity,
        label=label,
        name=name,
        kind=kind,
        autocomplete=autocomplete,
        attributes=attributes,
        hint=shown_hint if hint else "",
    )


def hidden(name: str, value: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)


def notice(name: str) -> Markup:
    """Return one of NOTICES, or nothing for another name."""
    text = NOTICES.get(name)
    return Markup('<p class="notice" role="status">{}</p>').format(text) if text else Markup()


def problem(texts: Iterable[str]) -> Markup:
    """Return an error message of one or more sentences."""
    sentences = list(texts)
    if len(sentences) == 1:
        inner = Markup("<p>{}</p>").format(sentences[0])
    else:
        items = Markup().join(Markup("<li>{}</li>").format(text) for text in sentences)
        inner = Markup("<ul>{}</ul>").format(items)
    return Markup('<div class="problem" role="alert">{}</div>').format(inner)


def refusal(refused: Refused) -> Markup:
    """Return the message for a refusal: for a password, every rule that it breaks."""
    if refused.code == "InvalidPasswordException":
        rules = refused.message.partition(": ")[2] or refused.message
        return problem(f"{rule.strip()}." for rule in rules.split(";"))
    return problem([_PROBLEMS.get(refused.code, refused.message)])


@cache
def _template(name: str) -> Markup:
    return Markup((DIRECTORY / f"{name}.html").read_text(encoding="utf-8"))  # noqa: S704 - our own


def _content_security_policy(form_target: str, *, is_scripted: bool) -> str:
    """Allow styles and images of this site, and no framing. https://www.w3.org/TR/CSP3/

    Pages with passkeys may also run the scripts of this site, which send it requests.
    """
    scripts = ["script-src 'self'", "connect-src 'self'"] if is_scripted else []
    return "; ".join(
        [
            "default-src 'none'",
            "style-src 'self'",
            # The QR code is a data: URL.
            "img-src 'self' data:",
            f"form-action 'self' {form_target}".rstrip(),
            *scripts,
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    )
