from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

import pytest

from docs.check import project_files
from infra.environments import ROOT
from infra.errors import InfraError
from infra.product import capabilities
from infra.product.capabilities import Capability, left_out, without
from infra.product.start import File, Release

KNOWN = capabilities.parse((ROOT / capabilities.FILE).read_text())
NAMES = {"notes", "console"}
# The list of changes is upstream's, and catalogs name the places of texts.
OWN_NAMES = ("CHANGELOG.md", "locale/")

PYTHON = """\
A = [
    "accounts",
    "notes",  # only with notes
    "both",  # only with console, notes
]


def one():
    pass


# begin capability notes
def two():
    pass


# end capability notes


def three():
    pass
"""


def test_lines_of_other_capabilities_stay_without_their_marks() -> None:
    assert without(PYTHON, [], NAMES) == (
        'A = [\n    "accounts",\n    "notes",\n    "both",\n]\n\n\n'
        "def one():\n    pass\n\n\ndef two():\n    pass\n\n\ndef three():\n    pass\n"
    )


def test_lines_of_a_capability_are_left_out_with_the_gap() -> None:
    assert without(PYTHON, ["notes"], NAMES) == (
        'A = [\n    "accounts",\n]\n\n\ndef one():\n    pass\n\n\ndef three():\n    pass\n'
    )


def test_line_with_two_names_needs_both() -> None:
    text = without(PYTHON, ["console"], NAMES)
    assert '"notes",\n' in text
    assert '"both"' not in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "<!-- begin capability notes -->\n# Notes\n\n<!-- end capability notes -->\n# Next",
            "# Next",
        ),
        ("a\n{# begin capability notes #}\nb\n{# end capability notes #}\nc", "a\nc"),
        ("a {\n  b: c; /* only with notes */\n}", "a {\n}"),
        (
            "a();\n  // begin capability notes\n  b();\n  // end capability notes\nc();",
            "a();\nc();",
        ),
        ("- a\n- b <!-- only with notes -->\n- c", "- a\n- c"),
        ("a\n\n# begin capability notes\nb\n# end capability notes\n", "a\n"),
        ("It works only with notes\n", "It works only with notes\n"),
        ("a: b # only with notes\n# a: c # only without notes\n", "a: c\n"),
        ("  <!-- Instead. only without notes -->\n", "  Instead.\n"),
    ],
)
def test_marks_have_the_syntax_of_each_language(text: str, expected: str) -> None:
    assert without(text, ["notes"], NAMES) == expected


def test_line_instead_of_a_capability_is_left_out_with_it() -> None:
    assert without("a # only with notes\n# b # only without notes\n", [], NAMES) == "a\n"


def test_end_of_a_file_has_no_blank_lines() -> None:
    text = "a\n\n\n# begin capability notes\nb\n\n\n# end capability notes\n"
    assert without(text, ["notes"], NAMES) == "a\n"


@pytest.mark.parametrize(
    "text",
    [
        "# begin capability notes\n",
        "# end capability notes\n",
        "# begin capability notes\n# end capability console\n",
        "# begin capability other\n# end capability other\n",
        "a  # only with other\n",
        "a  # only with notes, other\n",
    ],
)
def test_mark_without_its_counterpart_or_of_another_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"has no beginning|has no end|is no capability"):
        without(text, [], NAMES)


def test_capability_has_files_folders_and_patterns() -> None:
    notes = Capability("notes", "", ("api/notes", "pages/notes.md", "tests/*/test_notes.py"))
    assert all(map(notes.has, ("api/notes/a/b.py", "pages/notes.md", "tests/api/test_notes.py")))
    assert not any(map(notes.has, ("api/notes.py", "api/notes2/a.py", "pages/notes.md.txt")))


def test_unknown_capability_is_refused() -> None:
    with pytest.raises(InfraError, match=r"^There is no capability other, upstream\."):
        left_out(KNOWN, ["upstream", "other"])


def test_marks_of_each_file_are_complete() -> None:
    for path in project_files(ROOT):
        file = ROOT / path
        if path.startswith("tests/infra/product/") or not file.is_file():
            continue
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for names in ([], *([name] for name in KNOWN)):
            shorter = without(text, names, KNOWN)
            if path.endswith(".py") and shorter != text:
                # A mark at the end of a statement of several lines would leave its beginning.
                compile(shorter, f"{path} without {names}", "exec", ast.PyCF_ONLY_AST)


@pytest.fixture(scope="module")
def release() -> Release:
    """This checkout, as it is now."""
    files: dict[str, File] = {}
    for path in project_files(ROOT):
        if (ROOT / path).is_file() and not path.startswith(OWN_NAMES):
            files[path] = File(PurePosixPath(path), (ROOT / path).read_bytes(), False)
    return Release("0.2.0", "", files)


@pytest.mark.parametrize("name", [name for name in KNOWN if name != "upstream"])
def test_nothing_that_stays_names_a_module_or_a_file_that_is_left_out(
    release: Release, name: str
) -> None:
    """A test, a setting or a page that names one would fail, or mislead."""
    paths = [path for path in KNOWN[name].paths if "/" in path and "*" not in path]
    modules = [path.removesuffix(".py").replace("/", ".") for path in paths if "docs/" not in path]
    names = "|".join(map(re.escape, sorted({*paths, *modules})))
    named = re.compile(rf"(?<![\w./-])(?:{names})(?![\w-])")
    assert {
        f"{file.path}: {match[0]}"
        for file, text in release.without([name])
        for match in named.finditer(text or "")
    } == set()


def test_documentation_lists_each_capability() -> None:
    page = (ROOT / "docs/start-a-product.md").read_text("utf-8")
    table = page.partition("## Leave something out")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", table, re.MULTILINE)
    assert listed == [(one.name, one.summary) for one in KNOWN.values() if one.name != "upstream"]


def test_each_path_of_a_capability_exists() -> None:
    files = project_files(ROOT)
    for capability in KNOWN.values():
        for pattern in capability.paths:
            assert any(Capability("", "", (pattern,)).has(path) for path in files), pattern
