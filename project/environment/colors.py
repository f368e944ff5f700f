"""The site's two colours: whether they are legible, and the dark pages' from the light pages'.

Contrast is that of WCAG 2.2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

from __future__ import annotations

import colorsys
import math
import re
import sys
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

DEFAULT = "#1f5f5b"

# Success criterion 1.4.3. Dark pages are more comfortable with more.
_MINIMUM, _COMFORTABLE = 4.5, 6.0
_STEP = 0.005


class _Pages(NamedTuple):
    """One colour scheme of accounts/static/gatehouse/style.css.

    A colour that is legible on its backgrounds can also be the background of a button's text, which
    is white on light pages, and nearly black on dark pages.
    """

    kind: str
    ground: str
    surface: str
    towards: str
    step: float

    def contrast(self, color: str) -> float:
        """Return the lowest contrast of a colour to what it is on, its own tint included."""
        mixed = zip(_channels(color), _channels(self.surface), strict=True)
        tint = _hex(tuple(0.1 * part + 0.9 * surface for part, surface in mixed))
        return min(contrast(color, ground) for ground in (self.ground, self.surface, tint))

    def nearest(self, color: str, *, minimum: float) -> str:
        """Return the nearest colour of the same hue that has this contrast."""
        hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(color))

        def after(steps: int) -> str:
            changed = min(max(lightness + steps * self.step, 0.0), 1.0)
            return _hex(colorsys.hls_to_rgb(hue, changed, saturation)) if steps else color

        def is_enough(steps: int) -> bool:
            return self.contrast(after(steps)) >= minimum

        # Each start of the application computes this, so it tries 8 colours and not 200.
        return after(bisect_left(range(round(1 / _STEP)), True, key=is_enough))


_LIGHT = _Pages("light", ground="#f6f5f1", surface="#ffffff", towards="darker", step=-_STEP)
_DARK = _Pages("dark", ground="#14181b", surface="#1d2327", towards="lighter", step=_STEP)


def light(raw: str) -> str:
    """Return the colour of links and buttons on light pages as `#rrggbb`. Raises ValueError."""
    return _legible(raw, _LIGHT)


def dark(raw: str) -> str:
    """Return the colour of links and buttons on dark pages as `#rrggbb`. Raises ValueError."""
    return _legible(raw, _DARK)


def dark_of(color: str) -> str:
    """Return the colour for dark pages that has the hue of the one for light pages."""
    return _DARK.nearest(color, minimum=_COMFORTABLE)


def under_the_mouse(color: str, *, is_dark: bool) -> str:
    """Return the colour of a link or button under the mouse, as accounts' site.css does."""
    other = 1.0 if is_dark else 0.0
    return _hex(tuple(0.8 * part + 0.2 * other for part in _channels(color)))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _legible(raw: str, pages: _Pages) -> str:
    # "#" may be missing, because it begins a comment in some files of variables.
    match = re.fullmatch("#?([0-9a-f]{6}|[0-9a-f]{3})", raw.lower())
    if not match:
        raise ValueError("expected a hex colour, such as #1f5f5b")
    digits = match[1]
    color = f"#{digits if len(digits) == len('rrggbb') else ''.join(2 * digit for digit in digits)}"
    found = pages.contrast(color)
    if found < _MINIMUM:
        raise ValueError(
            f"expected a colour that is legible on {pages.kind} pages; its contrast is "
            f"{math.floor(10 * found) / 10}:1 and must be {_MINIMUM}:1, so choose a "
            f"{pages.towards} one, such as {pages.nearest(color, minimum=_MINIMUM)}"
        )
    return color


def _channels(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _hex(channels: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in channels)


def _luminance(color: str) -> float:
    """Return the relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004
        for part in _channels(color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def main(arguments: Sequence[str]) -> int:
    """Print the colours of SITE_COLOR and SITE_COLOR_DARK for managed login, without "#"."""
    name = "SITE_COLOR"
    try:
        of_light = light(arguments[0])
        name = "SITE_COLOR_DARK"
        of_dark = dark(arguments[1]) if arguments[1] else dark_of(of_light)
    except ValueError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 1
    colors = (
        of_light,
        under_the_mouse(of_light, is_dark=False),
        of_dark,
        under_the_mouse(of_dark, is_dark=True),
    )
    sys.stdout.write(" ".join(color.removeprefix("#") for color in colors))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
