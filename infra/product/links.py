"""Links of the documentation to pages that a product does not have."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^()\s#]+)(?:#[^()\s]*)?\)")
_TOCTREE = re.compile(r"^```\{toctree\}$.*?^```$", re.MULTILINE | re.DOTALL)


def without_links(text: str, path: str, is_left_out: Callable[[str], bool]) -> str:
    """Return a page, in which a link to a file that is left out is only its text.

    Tables of contents (`toctree`) lose the entry.

    Args:
        text: Markdown.
        path: The file with this text, as in the repository.
        is_left_out: Whether a product lacks a file.

    """
    folder = posixpath.dirname(path)

    def goes(target: str) -> bool:
        return ":" not in target and is_left_out(
            posixpath.normpath(f"{folder}/{target}".lstrip("/"))
        )

    def entries(tree: re.Match[str]) -> str:
        return "\n".join(line for line in tree[0].splitlines() if not goes(f"{line}.md"))

    text = _TOCTREE.sub(entries, text)
    return _LINK.sub(lambda link: link[1] if goes(link[2]) else link[0], text)
