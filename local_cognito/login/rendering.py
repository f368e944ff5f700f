"""Render the files of `pages/`. Values are escaped."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from pathlib import Path

from markupsafe import Markup
from werkzeug.wrappers import Response

from local_cognito.login import branding, messages
from local_cognito.login.errors import Refused

DIRECTORY = Path(__file__).with_name("pages")
_SCRIPT = Markup('<script src="/static/{}.js" defer></script>')

# A page has the script for what is in it. Everything but passkeys works without.
_SCRIPTS = {
    "passkeys": "data-passkey=",
    "show-password": 'type="password"',
    "mailbox": "data-mailbox",
}


def page(
    name: str,
    title: str,
    *,
    status: int = HTTPStatus.OK,
    form_target: str = "",
    width: str = "narrow",
    **values: str,
) -> Response:
    """Return a page. `form_target` is the origin to which the redirects of its form may lead."""
    content = fragment(name, **values)
    scripts = [script for script, mark in _SCRIPTS.items() if mark in content]
    html = fragment(
        "layout",
        title=title,
        content=content,
        width=width,
        scripts=Markup("\n  ").join(_SCRIPT.format(script) for script in scripts),
    )
    response = Response(html, status=status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _content_security_policy(
        form_target, is_scripted=bool(scripts)
    )
    return response


def form_page(
    name: str,
    title: str,
    *,
    form_target: str,
    refused: Markup | None,
    said: Markup = Markup(),  # noqa: B008 - immutable
    **values: str,
) -> Response:
    """Return a page with a form: with an error (400), or else with the message `said`."""
    return page(
        name,
        title,
        status=HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK,
        form_target=form_target,
        messages=refused or said,
        **values,
    )


def fragment(name: str, **values: str) -> Markup:
    """Return `name`.html with its values. Strings are escaped, Markup is not."""
    return _template(name).format(site_name=branding.SITE_NAME, **values)


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
    element = Markup('<input id="{}" name="{}" type="{}" autocomplete="{}"{} required>').format(
        identity, name, kind, autocomplete, attributes
    )
    if kind == "password":
        # show-password.js adds a button. If it moved the input, the input would lose the focus.
        element = Markup('<div class="with-button">{}</div>').format(element)
    shown_hint = Markup('<p class="quiet" id="{}-hint">{}</p>').format(identity, hint)
    return Markup('<div class="field"><label for="{}">{}</label>{}{}</div>').format(
        identity, label, element, shown_hint if hint else ""
    )


def hidden(name: str, value: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)


def notice(name: str) -> Markup:
    """Return one of messages.NOTICES, or nothing for another name."""
    text = messages.NOTICES.get(name)
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
    return problem(messages.sentences(refused))


@cache
def _template(name: str) -> Markup:
    return Markup((DIRECTORY / f"{name}.html").read_text(encoding="utf-8"))  # noqa: S704 - our own


def _content_security_policy(form_target: str, *, is_scripted: bool) -> str:
    """Allow styles and images of this site, and no framing. https://www.w3.org/TR/CSP3/

    Pages with scripts run those of this site, which send it requests.
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
