"""The name, logo and colours of the application, so that a sign-in looks of one piece.

The variables are the application's own, so that `SITE_NAME=Acme make run` names both. Values that
the application would refuse have no effect here.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from markupsafe import Markup

SITE_NAME = os.environ.get("SITE_NAME") or "Gatehouse"

_COLOR = re.compile("#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_DEFAULT = {"SITE_COLOR": "#1f5f5b", "SITE_COLOR_DARK": "#40c1b8"}
# The files that SITE_LOGO can name.
_LOGOS = Path(__file__).resolve().parents[2] / "accounts" / "static"
_LOGO_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}

# begin capability upstream
_GATE = "M6 26V9h3v2.4h2.6V9h2.6v2.4h3.6V9h2.6v2.4H23V9h3v17h-6v-6.2a4 4 0 0 0-8 0V26z"
# end capability upstream
_ICON = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="{}"/>{}</svg>'
)
_LETTER = Markup(
    '<text x="16" y="22.6" text-anchor="middle" font-family="system-ui, sans-serif" '
    'font-size="18.5" font-weight="700" fill="#fff">{}</text>'
)


def stylesheet() -> tuple[bytes, str]:
    """Return the two colours as variables of CSS, and their content type."""
    light, dark = colors()
    css = f":root {{ --site-color: {light}; --site-color-dark: {dark}; }}\n"
    return css.encode(), "text/css; charset=utf-8"


def logo() -> tuple[bytes, str]:
    """Return the logo, or else the icon of accounts.branding.marks, and its content type."""
    name = os.environ.get("SITE_LOGO", "")
    path = (_LOGOS / name).resolve()
    if name and path.is_relative_to(_LOGOS) and path.is_file() and path.suffix in _LOGO_TYPES:
        return path.read_bytes(), _LOGO_TYPES[path.suffix]
    letter = next((each for each in SITE_NAME if each.isalnum()), SITE_NAME[0])
    mark = _LETTER.format(letter.upper()[0])
    # begin capability upstream
    if SITE_NAME == "Gatehouse":
        mark = Markup('<path fill="#fff" d="{}"/>').format(_GATE)
    # end capability upstream
    return _ICON.format(colors()[0], mark).encode(), "image/svg+xml"


def colors() -> tuple[str, str]:
    """Return the colours of light and of dark pages. `make run` sets both or none."""
    given = {name: _COLOR.fullmatch(os.environ.get(name, "")) for name in _DEFAULT}
    light, dark = (f"#{match[1]}" if match else _DEFAULT[name] for name, match in given.items())
    return light, dark
