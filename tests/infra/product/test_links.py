from __future__ import annotations

import pytest

from infra.product.links import without_links

LEFT_OUT = {"pages/gone.md", "pages/examples/gone.md", "GONE.md"}


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "pages/a.md",
            "See [the page](gone.md#part), [others](b.md).",
            "See the page, [others](b.md).",
        ),
        ("pages/a.md", "[x](examples/gone.md) [y](../GONE.md)", "x y"),
        ("pages/examples/a.md", "[x](../gone.md) [y](gone.md) [z](b.md)", "x y [z](b.md)"),
        ("README.md", "[x](pages/gone.md) [y](GONE.md) [z](gone.md)", "x y [z](gone.md)"),
        (
            "README.md",
            "[x](https://example.com/pages/gone.md)",
            "[x](https://example.com/pages/gone.md)",
        ),
        (
            "pages/a.md",
            "```{toctree}\n:hidden:\n\nb\ngone\nc\n```\n\ngone",
            "```{toctree}\n:hidden:\n\nb\nc\n```\n\ngone",
        ),
    ],
)
def test_links_to_pages_that_are_left_out_become_text(path: str, text: str, expected: str) -> None:
    assert without_links(text, path, LEFT_OUT.__contains__) == expected
