"""Determine the language of a request.

This reads two headers itself, before any other middleware limits cookies: a page about a request
that was refused has the visitor's language as well.
"""

from __future__ import annotations

import re
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header


def language_of(request: HttpRequest) -> str:
    """Return the code of the language of the pages, such as `de`: one of LANGUAGES."""
    return chosen_language(request) or _accepted(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))


def chosen_language(request: HttpRequest) -> str:
    """Return the language that the visitor has chosen in the footer, or an empty string."""
    pattern = _cookie_pattern(settings.LANGUAGE_COOKIE_NAME)
    for value in pattern.findall(request.META.get("HTTP_COOKIE", "")):
        if value in dict(settings.LANGUAGES):
            return str(value)
    return ""


def hosted_ui_language(request: HttpRequest) -> str:
    """Return the language to request from the hosted UI, or "" to leave it to the hosted UI.

    Its default is English. It remembers a requested language in a cookie of its own, so a visitor
    who chose English here must be able to replace a former choice there.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-managed-login.html
    """
    chosen = chosen_language(request)
    language = chosen or language_of(request)
    if language == settings.LANGUAGE_CODE and not chosen:
        return ""
    base, _, region = language.partition("-")
    return f"{base}-{region.upper()}" if region else base


def _accepted(header: str) -> str:
    """Return the first language of Accept-Language (RFC 9110 section 12.5.4) that the pages have.

    Django limits the length of the header that it parses, and remembers the last results.
    """
    for tag, quality in parse_accept_lang_header(header.lower()):
        if tag == "*" or not quality:
            break
        try:
            return get_supported_language_variant(tag)
        except LookupError:
            continue
    return str(settings.LANGUAGE_CODE)


@lru_cache(maxsize=2)
def _cookie_pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|; ?){re.escape(name)}=([a-z]{{2,3}}(?:-[a-z]{{2,8}})?)(?=;|$)")
