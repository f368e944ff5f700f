"""The language switch in the footer of every page."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from accounts.sign_in.next_url import safe_next_path
from accounts.site_paths import home_url


class Language(NamedTuple):
    """A language as the switch shows it: its code, and its name in the language itself."""

    code: str
    name: str
    is_current: bool


class LanguageSwitch(NamedTuple):
    """The languages to choose from, and the path of the page to return to."""

    languages: tuple[Language, ...]
    next_path: str


def language_switch(request: HttpRequest) -> dict[str, LanguageSwitch]:
    """Return the context of the switch. It is a context processor.

    The page of a request that was refused early has none: its form would lack the CSRF cookie.
    """
    if not hasattr(request, "user") or len(settings.LANGUAGES) == 1:
        return {}
    current = get_language()
    languages = tuple(Language(code, name, code == current) for code, name in settings.LANGUAGES)
    return {"language_switch": LanguageSwitch(languages, _page(request))}


def referring_path(request: HttpRequest) -> str:
    """Return the path and query of the page of this site that led to the request, or ""."""
    # Browsers send the whole address to the same origin: SECURE_REFERRER_POLICY.
    origin, _, path = request.headers.get("Referer", "").partition(settings.PUBLIC_ORIGIN)
    return "" if origin else path


def _page(request: HttpRequest) -> str:
    """Return the path of the page that the browser shows, or of the last one it can load again.

    It has no query, because that of a failed request can contain a code. A path that no view
    answers is not repeated, because its sender chose the text.
    """
    if request.method not in {"GET", "HEAD"}:
        path = referring_path(request)
    else:
        path = request.path if request.resolver_match else ""
    return safe_next_path(path.partition("?")[0], default=home_url())
