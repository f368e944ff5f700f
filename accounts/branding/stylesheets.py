"""`/styles/KIND.css`: everything that a page of one kind needs, in one file.

A browser shows nothing before it has every stylesheet. The console would need seven to nine of
them: Django's, ours, and the site's colours.
"""

from __future__ import annotations

import re
import zlib
from functools import lru_cache
from pathlib import Path
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.views.decorators.http import require_safe

from accounts.branding import marks

# The site's colours, which are made of the settings.
_COLORS = ""
# begin capability console
_ADMIN = ("admin/css/base.css", "admin/css/dark_mode.css")
# Last, because they change what Django's stylesheets say.
_OURS = ("admin/css/responsive.css", _COLORS, "gatehouse/console.css")
_FORMS = ("admin/css/widgets.css", "admin/css/forms.css")
# end capability console
KINDS = {
    "page": (_COLORS, "gatehouse/style.css"),
    # begin capability console
    "overview": (*_ADMIN, "admin/css/dashboard.css", *_OURS),
    "list": (*_ADMIN, "admin/css/changelists.css", *_OURS),
    "form": (*_ADMIN, *_FORMS, *_OURS),
    "directory": (*_ADMIN, *_FORMS, *_OURS, "gatehouse/directory.css"),
    # end capability console
}

_GZIP = b"\x1f\x8b"  # RFC 1952, section 2.3.1
_IMPORT = re.compile(r"@import[^;]*;")
_RELATIVE = re.compile(r"url\((['\"]?)(?!data:|https?:|/|#)([^'\")]+)\1\)")


def address(kind: str) -> str:
    """Return the address of a stylesheet of KINDS. It changes with the content."""
    path = reverse("gatehouse-styles", args=[kind])
    return f"{path}?v={marks.version(_content(kind))}"


@require_safe
def view(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise Http404
    return marks.answer(request, _content(kind), "text/css; charset=utf-8")


def _content(kind: str) -> str:
    # A developer changes stylesheets while the server runs.
    read = _read if settings.DEBUG else _read_once
    colors = marks.colors() if _COLORS in KINDS[kind] else ""
    return read(kind, colors, get_script_prefix())


def _read(kind: str, colors: str, _prefix: str) -> str:
    """Return the files of a kind. The addresses of their images begin with the prefix."""
    return "\n".join(_file(name) if name else colors for name in KINDS[kind])


_read_once = lru_cache(maxsize=32)(_read)


def _file(name: str) -> str:
    """Return a static file with absolute addresses, and without imports, which KINDS has."""
    content = _bytes(name)
    if content.startswith(_GZIP):
        content = zlib.decompress(content, wbits=zlib.MAX_WBITS | 16)
    place = static(name)
    text = _IMPORT.sub("", content.decode())
    return _RELATIVE.sub(lambda found: f"url({urljoin(place, found[2])})", text)


def _bytes(name: str) -> bytes:
    stored_name = getattr(staticfiles_storage, "stored_name", None)
    if stored_name is not None and not settings.DEBUG:
        # A bundle has the files with their versions in their names only.
        with staticfiles_storage.open(stored_name(name)) as file:
            return bytes(file.read())
    # Only a developer's server needs it.
    from django.contrib.staticfiles import finders  # noqa: PLC0415

    path = finders.find(name)
    if path is None:
        raise FileNotFoundError(name)
    return Path(str(path)).read_bytes()
