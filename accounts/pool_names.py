"""Encode the names of users and groups as one segment of a path.

Cognito allows every letter, mark, symbol, number and punctuation in a name, `/` and `%` included.
Percent-encoding fails for some of these: WSGI servers decode `%2F` before the application sees it,
and HTTP APIs of API Gateway cut a path off at a decoded `?`. A special character is therefore
written as an escape character and two hexadecimal digits for each byte of its UTF-8 form. Such a
path does not change, however often a server decodes it.

Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUser.html
"""

from __future__ import annotations

import re
import unicodedata
from typing import ClassVar

from django.urls import register_converter

MAX_CHARACTERS = 128

# Letters, marks, symbols, numbers and punctuation: `[\p{L}\p{M}\p{S}\p{N}\p{P}]+`.
_ALLOWED = frozenset("LMSNP")
_EVERY_BYTE = re.compile(rb".", re.DOTALL)


class PoolNameConverter:
    """A name in a path of the API, `<pool_name:username>`. Most names stay unchanged."""

    # Includes `/`, because a server may have decoded a `%2F`. Clients should write `~2F`.
    regex = ".+"
    escape: ClassVar = "~"
    reserved: ClassVar = re.compile(rb"[^A-Za-z0-9._@+-]")

    def to_url(self, value: str) -> str:
        # Clients and proxies would resolve `.` and `..`.
        reserved = _EVERY_BYTE if value in {".", ".."} else self.reserved
        encoded = value.encode("utf-8", "replace")
        escape = self.escape.encode()
        return reserved.sub(lambda match: escape + b"%02X" % match[0][0], encoded).decode("ascii")

    def to_python(self, value: str) -> str:
        """Return the name. Raises ValueError (404) for a name that no pool allows."""
        escaped = re.compile(self.escape.encode() + rb"([0-9A-F]{2})")
        encoded = escaped.sub(lambda match: bytes.fromhex(match[1].decode()), value.encode())
        name = encoded.decode()
        if not 0 < len(name) <= MAX_CHARACTERS:
            raise ValueError("empty or too long")
        if not {unicodedata.category(character)[0] for character in name} <= _ALLOWED:
            raise ValueError("a character that names cannot have")
        return name


class AdminKeyConverter(PoolNameConverter):
    """A name in a path of the admin, `<admin_key:username>`, escaped as in Django's admin.

    django.contrib.admin.utils.quote does not escape dots and non-ASCII characters.
    """

    regex = "[^/]+"
    escape: ClassVar = "_"
    reserved: ClassVar = re.compile(rb"[^A-Za-z0-9.-]")


register_converter(PoolNameConverter, "pool_name")
register_converter(AdminKeyConverter, "admin_key")
