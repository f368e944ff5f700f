"""Make invisible characters in names visible, because they let one user look like another.

Such a character changes the direction of the text (https://trojansource.codes/), has no width, or
draws nothing. Line breaks count as invisible. The joiners inside an emoji do not.
"""

from __future__ import annotations

import re

# Control characters, Default_Ignorable_Code_Point of Unicode, and the blanks of Hangul and Braille.
# https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
# Written so that ECMAScript can use it in a regular expression; _MORE has what ECMAScript cannot.
INVISIBLE = (
    r"\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c"
    r"\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
)
_MORE = r"\u200d\ufe0e\ufe0f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
_EMOJI = r"[\u00a9\u00ae\u2190-\u2bff\U0001f000-\U0001faff]"
_JOINT = rf"(?<={_EMOJI})(?:\ufe0f?\u200d(?={_EMOJI})|[\ufe0e\ufe0f])"
# Compiled by the first label, because most starts show none and it takes a millisecond.
_INVISIBLE = rf"{_JOINT}|(?P<hidden>[{INVISIBLE}{_MORE}])"


def shown(label: str) -> str:
    """Return the label with each invisible character written as its code point: `[U+202E]`."""
    return re.sub(
        _INVISIBLE,
        lambda one: f"[U+{ord(one['hidden']):04X}]" if one["hidden"] else one[0],
        label,
    )
