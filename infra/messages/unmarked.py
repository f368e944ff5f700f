"""Find texts that visitors see and that nothing translates.

In templates, these are text between tags, texts in attributes, and literals that a filter or a tag
shows. In Python, they are literals given to what puts them on a page.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser

# Attributes whose value a visitor sees or hears.
_ATTRIBUTES = frozenset(
    {"alt", "aria-description", "aria-label", "aria-placeholder", "placeholder", "title"}
)
# The content of these is not text of the page.
_CODE = frozenset({"script", "style"})

_COMMENT = re.compile(r"{#.*?#}|{%\s*comment\b.*?{%\s*endcomment\s*%}", re.DOTALL)
_BLOCK = re.compile(r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
# Blocks of Django's admin with the names of classes.
_CLASSES = re.compile(r"{%\s*block (?:bodyclass|coltype)\b.*?{%\s*endblock", re.DOTALL)
_TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
_LITERAL = r"(\"[^\"]*\"|'[^']*')"
# Filters and tags that show a literal. `_("…")` is translated.
_SHOWN_LITERALS = (
    re.compile(rf"\|\s*(?:default|default_if_none|yesno|pluralize|add|join)\s*:\s*{_LITERAL}"),
    re.compile(rf"{{%\s*(?:firstof|cycle|now)\b.*?{_LITERAL}"),
    # One word in lower case is a name that the template compares.
    re.compile(rf"{{%\s*(?:include|with)\b.*?=\s*(?![\"'][a-z_]+[\"']){_LITERAL}"),
)
_WORD = re.compile(r"[^\W\d_]{2}")
# A date in a format that is not one of `accounts/formats/`, nor ISO 8601 with or without `T`.
_DATE = re.compile(
    r"\|\s*(?:date|time)\s*:\s*([\"'])(?!(?:[A-Z]+_)+FORMAT\1|c\1|[YmdHis .:-]+\1)(.*?)\1"
)
# An entity such as `&nbsp;`, and an attribute that a block adds to a tag, are not texts.
_NO_TEXT = re.compile(r"&#?\w+;|\b(?!(?:alt|title|placeholder|aria-label)=)[\w-]+=\"[^\"]*\"")

# Calls that show their arguments: the name, positions and keywords of texts.
_SINKS: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "success": ((1,), ("message",)),
    "info": ((1,), ("message",)),
    "warning": ((1,), ("message",)),
    "error": ((1,), ("message",)),
    "add_message": ((2,), ("message",)),
    "message_user": ((1,), ("message",)),
    "ValidationError": ((0,), ("message",)),
    "error_page": ((), ("title", "advice")),
    "display": ((), ("description", "empty_value")),
    "action": ((), ("description",)),
}
_FIELD = re.compile(r"(?:[A-Z]\w*)?(?:Field|Form)$")
_FIELD_KEYWORDS = ("label", "help_text", "verbose_name", "verbose_name_plural")
_OPTIONS = frozenset(
    {"short_description", "verbose_name", "verbose_name_plural", "index_title", "site_header"}
)
_ONLY_OF_MESSAGES = frozenset({"success", "info", "warning", "error", "add_message"})


def unmarked_in_template(source: str) -> list[str]:
    """Return the unmarked texts of a template, in order."""
    source = _CLASSES.sub("{% endblock", _BLOCK.sub(" ", _COMMENT.sub(" ", source)))
    tags = _TAG.findall(source)
    found = [
        literal[1:-1]
        for tag in tags
        for pattern in _SHOWN_LITERALS
        for literal in pattern.findall(tag)
        if _WORD.search(literal)
    ]
    found += [match[2] for tag in tags for match in _DATE.finditer(tag)]
    parser = _Texts()
    # Inside a tag, `{% if … %} class="…"{% endif %}` leaves a plain attribute.
    parser.feed(_TAG.sub(" ", source))
    parser.close()
    return found + parser.found


def unmarked_in_module(source: str) -> list[str]:
    """Return the unmarked texts of a Python module that are given to a known place of a page."""
    return [_shown(text) for node in ast.walk(ast.parse(source)) for text in _given(node)]


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._code = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._code += tag in _CODE
        given = dict(attributes)
        names = set(_ATTRIBUTES)
        if tag == "input" and given.get("type") in {"button", "reset", "submit"}:
            names.add("value")
        if tag == "meta" and given.get("name") == "description":
            names.add("content")
        for name, value in attributes:
            if name in names and value and _WORD.search(value):
                self.found.append(value.strip())

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in _CODE

    def handle_data(self, data: str) -> None:
        if not self._code and _WORD.search(_NO_TEXT.sub(" ", data)):
            self.found.append(" ".join(data.split()))


def _given(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the literals that `node` puts on a page."""
    if isinstance(node, ast.Call):
        yield from filter(_is_literal, _arguments(node))
    elif isinstance(node, ast.Assign):
        names = {getattr(target, "id", getattr(target, "attr", "")) for target in node.targets}
        if names & _OPTIONS and _is_literal(node.value):
            yield node.value


def _arguments(call: ast.Call) -> Iterator[ast.expr]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    positions, keywords = _SINKS.get(name, ((), ()))
    if name in _ONLY_OF_MESSAGES and getattr(_owner(call), "id", "") != "messages":
        positions, keywords = (), ()
    if _FIELD.search(name):
        keywords = (*keywords, *_FIELD_KEYWORDS)
    yield from (call.args[position] for position in positions if position < len(call.args))
    yield from (keyword.value for keyword in call.keywords if keyword.arg in keywords)


def _owner(call: ast.Call) -> ast.expr | None:
    return call.func.value if isinstance(call.func, ast.Attribute) else None


def _is_literal(value: ast.expr) -> bool:
    parts = value.values if isinstance(value, ast.JoinedStr) else [value]
    return any(
        isinstance(part, ast.Constant)
        and isinstance(part.value, str)
        and _WORD.search(part.value) is not None
        for part in parts
    )


def _shown(value: ast.expr) -> str:
    return str(value.value) if isinstance(value, ast.Constant) else ast.unparse(value)
