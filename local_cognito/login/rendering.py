"""The pages: files of `pages/` with their holes filled in, and escaped on the way in."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from pathlib import Path

from markupsafe import Markup
from werkzeug.wrappers import Response

from local_cognito.login.errors import Refused

DIRECTORY = Path(__file__).with_name("pages")

# What a page may say at its top, after a redirect whose address names it.
NOTICES = {
    "confirmed": "Your account is confirmed. You can sign in now.",
    "reset": "Your password is changed. You can sign in with it now.",
    "sent": "Another code is on its way, if this address waits for one.",
}

_PROBLEMS = {
    "CodeMismatchException": "That is not the right code.",
    "EnableSoftwareTokenMFAException": "That is not the right code.",
    "ExpiredCodeException": "There is no valid code for this address. Ask for another one.",
    "UsernameExistsException": "There is an account with this e-mail address already.",
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
    """A page as an answer. `form_target`: where the redirects after a form of it may lead."""
    mailbox_link = "" if name == "mailbox" else Markup('<a href="/mailbox">Open the mailbox</a>')
    content = fragment(name, **values)
    html = fragment("layout", title=title, content=content, width=width, mailbox_link=mailbox_link)
    response = Response(html, status=status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _content_security_policy(form_target)
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
    """A page with a form: with what is wrong with the last answer (400), or something to say."""
    return page(
        name,
        title,
        status=HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK,
        form_target=form_target,
        messages=refused or said,
        **values,
    )


def fragment(name: str, **values: str) -> Markup:
    """The file `name`.html with every hole filled. Plain strings are escaped, Markup is not."""
    return _template(name).format(**values)


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
    """A required input with its label. `numeric` asks phones for their keypad of digits."""
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
    """One of NOTICES; nothing for another name."""
    text = NOTICES.get(name)
    return Markup('<p class="notice" role="status">{}</p>').format(text) if text else Markup()


def problem(texts: Iterable[str]) -> Markup:
    """What went wrong, one sentence each."""
    sentences = list(texts)
    if len(sentences) == 1:
        inner = Markup("<p>{}</p>").format(sentences[0])
    else:
        items = Markup().join(Markup("<li>{}</li>").format(text) for text in sentences)
        inner = Markup("<ul>{}</ul>").format(items)
    return Markup('<div class="problem" role="alert">{}</div>').format(inner)


def refusal(refused: Refused) -> Markup:
    """What the user pool said, in words for people; every rule that a password breaks."""
    if refused.code == "InvalidPasswordException":
        rules = refused.message.partition(": ")[2] or refused.message
        return problem(f"{rule.strip()}." for rule in rules.split(";"))
    return problem([_PROBLEMS.get(refused.code, refused.message)])


@cache
def _template(name: str) -> Markup:
    return Markup((DIRECTORY / f"{name}.html").read_text(encoding="utf-8"))  # noqa: S704 - our own


def _content_security_policy(form_target: str) -> str:
    """Our own style and images, no script, nobody's frame. https://www.w3.org/TR/CSP3/"""
    return "; ".join(
        [
            "default-src 'none'",
            "style-src 'self'",
            # The QR code is a data: address.
            "img-src 'self' data:",
            f"form-action 'self' {form_target}".rstrip(),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    )
