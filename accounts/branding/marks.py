"""`/site.css` and `/site.svg`: the site's colours, and an icon in them.

The Content-Security-Policy allows no style in a page, so the colours are a stylesheet. It is made
of the settings, because one bundle serves several stages.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

# The address changes with the content.
_FOREVER = "public, max-age=31536000, immutable"
# For an address with another version: a page from before or after a deployment requests it.
_BRIEFLY = "public, max-age=60"

# begin capability upstream
_GATE = "M6 26V9h3v2.4h2.6V9h2.6v2.4h3.6V9h2.6v2.4H23V9h3v17h-6v-6.2a4 4 0 0 0-8 0V26z"
# end capability upstream
_LETTER = (
    '<text x="16" y="22.6" text-anchor="middle" font-family="system-ui, sans-serif" '
    'font-size="18.5" font-weight="700" fill="#fff">{}</text>'
)


def stylesheet_url() -> str:
    return f"{reverse('gatehouse-stylesheet')}?v={version(colors())}"


def icon_url() -> str:
    """Return the address of SITE_LOGO, or else of the icon that is made of the settings."""
    if settings.SITE_LOGO:
        return static(settings.SITE_LOGO)
    return f"{reverse('gatehouse-icon')}?v={version(_icon())}"


@require_safe
def stylesheet(request: HttpRequest) -> HttpResponse:
    """Return the colours of buttons and links, as variables of CSS for all other stylesheets."""
    return answer(request, colors(), "text/css; charset=utf-8")


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Return the first letter of the site's name as an SVG image."""
    return answer(request, _icon(), "image/svg+xml")


def colors() -> str:
    """Return the stylesheet with the site's colours."""
    return _stylesheet_of(settings.SITE_COLOR, settings.SITE_COLOR_DARK)


# Cached, because every page needs the version of the colours and of the icon.
@lru_cache(maxsize=8)
def _stylesheet_of(light: str, dark: str) -> str:
    return render_to_string("gatehouse/site.css", {"light": light, "dark": dark})


def _icon() -> str:
    return _icon_of(settings.SITE_NAME, settings.SITE_COLOR)


@lru_cache(maxsize=8)
def _icon_of(name: str, color: str) -> str:
    mark = format_html(_LETTER, _initial(name))
    # begin capability upstream
    if name == "Gatehouse":
        mark = format_html('<path fill="#fff" d="{}"/>', _GATE)
    # end capability upstream
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        '<rect width="32" height="32" rx="7" fill="{}"/>{}</svg>',
        color,
        mark,
    )


def _initial(name: str) -> str:
    letter = next((character for character in name if character.isalnum()), name[0])
    # Some letters have two in upper case.
    return letter.upper()[0]


def answer(request: HttpRequest, content: str, content_type: str) -> HttpResponse:
    """Return the content, which can be cached for ever if the address has its version."""
    is_current = request.GET.get("v") == version(content)
    headers = {"Cache-Control": _FOREVER if is_current else _BRIEFLY}
    return HttpResponse(content, content_type=content_type, headers=headers)


# Each page needs the version of a stylesheet, and hashing one of the console's takes a while.
@lru_cache(maxsize=32)
def version(content: str) -> str:
    """Return what changes with the content, for its address."""
    return hashlib.sha256(content.encode()).hexdigest()[:12]
