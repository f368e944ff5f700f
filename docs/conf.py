"""Sphinx builds this folder with `make docs`. The site asks no other host for anything."""

import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import django
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
django.setup()

project = "Gatehouse"
copyright = "the authors of Gatehouse, MIT licence"  # noqa: A001 - the name that Sphinx reads
version = release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
default_role = "literal"

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]

napoleon_use_ivar = True
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"Gatehouse {release}"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b6b5e", "color-brand-content": "#0b6b5e"},
    "dark_css_variables": {"color-brand-primary": "#5ccfbd", "color-brand-content": "#5ccfbd"},
}

# Files outside this folder, and the pages that include them.
_INCLUDED = {
    "README.md": "index.md",
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "report-a-vulnerability.md",
    "CODE_OF_CONDUCT.md": "code-of-conduct.md",
}


def setup(app: Sphinx) -> None:
    app.connect("source-read", _link_to_pages)
    app.connect("include-read", _link_to_pages)
    # Before napoleon, which reads the same docstrings.
    app.connect("autodoc-process-docstring", _translate_docstring, priority=400)


def _link_to_pages(*arguments: Any) -> None:
    source: list[str] = arguments[-1]
    for file, page in _INCLUDED.items():
        source[0] = re.sub(rf"\]\((?:\.\./)*{file}", f"]({page}", source[0])


def _translate_docstring(_app: Sphinx, what: str, *rest: Any) -> None:
    """Leave out module docstrings, which are for readers of the source, and translate `code`."""
    lines: list[str] = rest[-1]
    text = "" if what == "module" else "\n".join(lines)
    # reStructuredText needs two backticks, and a separator where a word continues: `kid`s.
    text = re.sub(r"(?<![`\w:])`([^`]+)`(?!`)(?=(\w?))", _literal, text)
    lines[:] = text.splitlines()


def _literal(code: re.Match[str]) -> str:
    return f"``{code[1]}``" + ("\\ " if code[2] else "")
