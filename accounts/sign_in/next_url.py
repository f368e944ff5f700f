"""Validate the path to which a sign-in returns: only paths of this site."""

from __future__ import annotations

import re

from django.conf import settings
from django.utils.http import url_has_allowed_host_and_scheme

from cognito.hosted_ui.login_transaction import MAX_NEXT_LENGTH

# Visible ASCII: browsers drop tabs and line breaks inside a URL and read `\` as `/`.
_PATH = re.compile(r"/[!-\[\]-~]*")
# Software that decodes once too often reads `/%2f%2fevil` as `//evil`.
_SECOND_SLASH = re.compile(r"/(/|%2f|%5c)", re.IGNORECASE)
_SIGN_IN_PAGES = ("callback", "confirm", "login")


def safe_next_path(unverified_next: str, *, default: str) -> str:
    """Return `unverified_next` if it is a path of this site, with or without query, or `default`.

    Source: OWASP Unvalidated Redirects and Forwards Cheat Sheet.
    """
    path = unverified_next
    if (
        len(path) <= MAX_NEXT_LENGTH
        and _PATH.fullmatch(path)
        and not _SECOND_SLASH.match(path)
        and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
        # Returning to the sign-in itself would cause a redirect loop.
        and not path.startswith(
            tuple(f"{settings.COOKIE_PATH}accounts/{one}" for one in _SIGN_IN_PAGES)
        )
    ):
        return path
    return default
