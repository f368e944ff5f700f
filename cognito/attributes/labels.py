"""Characters that no reader sees in a name: they make one person look like another.

Such a character turns the direction of the text (https://trojansource.codes/), takes no room, or
draws nothing. Line breaks are among them. The joints of an emoji of several parts are not.
"""

from __future__ import annotations

import re

# Controls, what Unicode calls Default_Ignorable_Code_Point, and the blanks of Hangul and Braille.
# https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
# In a form that regular expressions of ECMAScript have as well, so without what is in _MORE.
INVISIBLE = (
    r"\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c"
    r"\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
)
_MORE = r"\u200d\ufe0e\ufe0f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
_EMOJI = r"[\u00a9\u00ae\u2190-\u2bff\U0001f000-\U0001faff]"
_JOINT = rf"(?<={_EMOJI})(?:\ufe0f?\u200d(?={_EMOJI})|[\ufe0e\ufe0f])"
_INVISIBLE = re.compile(rf"{_JOINT}|(?P<hidden>[{INVISIBLE}{_MORE}])")


def shown(label: str) -> str:
    """The label with each invisible character as `[U+202E]`, so that a reader sees it."""
    return _INVISIBLE.sub(
        lambda one: f"[U+{ord(one['hidden']):04X}]" if one["hidden"] else one[0], label
    )
