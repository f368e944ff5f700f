"""Where a sign-in may end: a path of this site and nothing else."""

from __future__ import annotations

import re

from django.conf import settings
from django.utils.http import url_has_allowed_host_and_scheme

from cognito.hosted_ui.login_transaction import MAX_NEXT_LENGTH

# Visible ASCII: browsers drop tabs and line breaks inside a URL and read `\` as `/`.
_PATH = re.compile(r"/[!-\[\]-~]*")
# `/%2f%2fevil` becomes `//evil` for whoever decodes once too often.
_SECOND_SLASH = re.compile(r"/(/|%2f|%5c)", re.IGNORECASE)


def safe_next_path(unverified_next: str, *, default: str) -> str:
    """`unverified_next` if it is a path, with query, of this site; `default` otherwise.

    Source: OWASP Unvalidated Redirects and Forwards Cheat Sheet.
    """
    path = unverified_next
    if (
        len(path) <= MAX_NEXT_LENGTH
        and _PATH.fullmatch(path)
        and not _SECOND_SLASH.match(path)
        and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
        # Never back into the sign-in itself: that would go round in circles.
        and not path.startswith(f"{settings.COOKIE_PATH}accounts/callback")
        and not path.startswith(f"{settings.COOKIE_PATH}accounts/login")
    ):
        return path
    return default
