"""Find the texts to translate: in calls of gettext, in templates, and in `cognito/`.

`cognito/` imports no Django, so its words are plain English there. Whatever shows them calls
gettext.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation.template import templatize

from infra.environments import ROOT

SOURCES = ("accounts", "api", "cognito", "project")

# How many arguments before the last text are its context, and how many texts there are.
_CALLS = {
    "_": (0, 1),
    "gettext": (0, 1),
    "gettext_lazy": (0, 1),
    "gettext_noop": (0, 1),
    "ngettext": (0, 2),
    "ngettext_lazy": (0, 2),
    "pgettext": (1, 1),
    "pgettext_lazy": (1, 1),
    "npgettext": (1, 2),
    "npgettext_lazy": (1, 2),
}
# What pages show of `cognito/`: attributes of errors, and constants.
_WORDS_OF_COGNITO = frozenset({"title", "advice", "MESSAGE"})
# What templatize() makes of the tags of a template.
_TEMPLATE_CALL = re.compile(r"\b(n?p?gettext|_)\((?=u?['\"])")


@dataclass(frozen=True, slots=True)
class Text:
    """A text to translate, as gettext looks it up. Empty parts are not there."""

    singular: str
    plural: str = ""
    context: str = ""


@dataclass
class Texts:
    """Texts, each with the files that have it."""

    files: dict[Text, list[str]] = field(default_factory=dict)

    def add(self, text: Text, file: str) -> None:
        files = self.files.setdefault(text, [])
        if file not in files:
            files.append(file)

    def __len__(self) -> int:
        return len(self.files)


def extract(root: Path = ROOT, *, sources: Iterable[str] = SOURCES) -> Texts:
    """Return all texts below the `sources` of `root`, in the order of files and lines."""
    texts = Texts()
    for source in sources:
        for path in sorted((root / source).rglob("*")):
            file = path.relative_to(root).as_posix()
            if path.suffix == ".py":
                for text in texts_in_module(
                    path.read_text("utf-8"), of_cognito=source == "cognito"
                ):
                    texts.add(text, file)
            elif path.suffix == ".html":
                for text in texts_in_template(path.read_text("utf-8")):
                    texts.add(text, file)
    return texts


def texts_in_module(source: str, *, of_cognito: bool = False) -> Iterator[Text]:
    """Yield the texts of a Python module.

    Raises ValueError for an f-string in a call of gettext, which no catalog can contain.
    """
    nodes = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call | ast.Assign | ast.AnnAssign)
    ]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(node, ast.Call):
            yield from _called(node)
        elif of_cognito:
            yield from _words_of_cognito(node)


def texts_in_template(source: str) -> Iterator[Text]:
    """Yield the texts of a Django template: its translate and blocktranslate tags, and `_("…")`."""
    code = templatize(source)
    for match in _TEMPLATE_CALL.finditer(code):
        call = ast.parse(code[match.start() : _end_of_call(code, match.end())], mode="eval").body
        if isinstance(call, ast.Call):
            yield from _called(call)


def _called(call: ast.Call) -> Iterator[Text]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name not in _CALLS:
        return
    contexts, singulars = _CALLS[name]
    arguments = call.args[: contexts + singulars]
    if any(isinstance(argument, ast.JoinedStr) for argument in arguments):
        raise ValueError(f"line {call.lineno}: use %(name)s in the text, not an f-string")
    values = [
        argument.value
        for argument in arguments
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    if len(values) == contexts + singulars:
        context = values.pop(0) if contexts else ""
        yield Text(values[0], values[1] if singulars > 1 else "", context)


def _words_of_cognito(node: ast.Assign | ast.AnnAssign) -> Iterator[Text]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if _WORDS_OF_COGNITO.intersection(getattr(target, "id", "") for target in targets):
        value = node.value
        if isinstance(value, ast.Constant) and value.value:
            yield Text(str(value.value))


def _end_of_call(code: str, position: int) -> int:
    """Return the position after the parenthesis that ends the call, skipping those in strings."""
    quote = ""
    while quote or code[position] != ")":
        if quote and code[position] == "\\":
            position += 1
        elif code[position] == quote:
            quote = ""
        elif not quote and code[position] in "'\"":
            quote = code[position]
        position += 1
    return position + 1
