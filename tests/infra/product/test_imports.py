from __future__ import annotations

import pytest

from infra.product.imports import without_unused

LONG = "a_rather_long_module.of_a_package.with_a_name.that_leaves.little_room"
LONG_NAMES = ("a_first_name", "another_name", "a_third_name")
LONG_IMPORT = "".join(f"    {name},\n" for name in LONG_NAMES) + ")\n"
LONG_USE = f"x({', '.join(LONG_NAMES)})\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("import a\n\na()\n", "import a\n", ""),
        (
            "import a.b\nimport c\n\na.b()\nc()\n",
            "import a.b\nimport c\n\nc()\n",
            "import c\n\nc()\n",
        ),
        ("from a import b, c\n\nb(c)\n", "from a import b, c\n\nc()\n", "from a import c\n\nc()\n"),
        (
            "from . import a as b, c\nb(c)\n",
            "from . import a as b, c\nb()\n",
            "from . import a as b\nb()\n",
        ),
        (
            "from a import b, c  # noqa: X\nb(c)\n",
            "from a import b, c  # noqa: X\nb()\n",
            "from a import b  # noqa: X\nb()\n",
        ),
        (
            f"from {LONG} import (\n    b,\n{LONG_IMPORT}b()\n{LONG_USE}",
            f"from {LONG} import (\n    b,\n{LONG_IMPORT}{LONG_USE}",
            f"from {LONG} import (\n{LONG_IMPORT}{LONG_USE}",
        ),
        (
            "def f():\n    from a import b, c\n    b(c)\n",
            "def f():\n    from a import b, c\n    c()\n",
            "def f():\n    from a import c\n    c()\n",
        ),
        ("if T:\n    import a\n\nx: a\ny()\n", "if T:\n    import a\n\ny()\n", "\ny()\n"),
        ("import a  # noqa: F401\nb = 1\n", "import a  # noqa: F401\n", "import a  # noqa: F401\n"),
        ("from a import b\nx: b\n", "from a import b\ny: b\n", "from a import b\ny: b\n"),
    ],
)
def test_import_that_nothing_uses_any_longer_is_removed(
    before: str, after: str, expected: str
) -> None:
    assert without_unused(before, after) == expected


def test_lines_that_are_no_program_any_longer_are_an_error() -> None:
    with pytest.raises(SyntaxError):
        without_unused("a(\n    1,\n)\n", "a(\n    1,\n")
