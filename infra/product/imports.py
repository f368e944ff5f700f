"""Imports that only the lines of a left-out capability used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from infra.product.capabilities import closed

# That of `pyproject.toml`.
_LINE_LENGTH = 100
_COMMENT = re.compile(r"\s+#.*$")


def without_unused(before: str, after: str) -> str:
    """Return `after` without the imported names that it no longer uses, and `before` did.

    So an import needs no mark of its own. One that is there for its effect was used nowhere before,
    and stays.

    Args:
        before: The source of a Python module.
        after: The same source without some of its lines.

    Raises:
        SyntaxError: `after` is not valid Python.

    """
    tree = ast.parse(after)
    unused = _used(ast.parse(before)) - _used(tree)
    lines: list[str | None] = [*after.split("\n")]
    for node in ast.walk(tree):
        if not isinstance(node, ast.If | ast.Import | ast.ImportFrom):
            continue
        first, last = node.lineno - 1, node.end_lineno or node.lineno
        if isinstance(node, ast.If):
            # A block for type checkers may have no import left.
            if not any(_stays(one, unused) for one in [*node.body, *node.orelse]):
                lines[first:last] = [None] * (last - first)
            continue
        kept = [one for one in node.names if _bound(one) not in unused]
        if len(kept) < len(node.names) and lines[first] is not None:
            written = list(_written(node, kept, lines[first] or "")) if kept else []
            lines[first:last] = [*written, *[None] * (last - first - len(written))]
    return "\n".join(closed(lines))


def _stays(statement: ast.stmt, unused: set[str]) -> bool:
    return not isinstance(statement, ast.Import | ast.ImportFrom) or any(
        _bound(name) not in unused for name in statement.names
    )


def _used(tree: ast.Module) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _bound(name: ast.alias) -> str:
    return name.asname or name.name.partition(".")[0]


def _written(node: ast.Import | ast.ImportFrom, names: list[ast.alias], line: str) -> Iterator[str]:
    """Yield the lines of a statement that imports these names, with its comment."""
    start = " " * node.col_offset
    if isinstance(node, ast.ImportFrom):
        start += f"from {'.' * node.level}{node.module or ''} "
    start += "import "
    comment = found[0] if (found := _COMMENT.search(line)) else ""
    parts = [f"{one.name} as {one.asname}" if one.asname else one.name for one in names]
    if len(statement := start + ", ".join(parts)) <= _LINE_LENGTH:
        yield statement + comment
        return
    yield f"{start}({comment}"
    yield from (f"{' ' * (node.col_offset + 4)}{part}," for part in parts)
    yield f"{' ' * node.col_offset})"
