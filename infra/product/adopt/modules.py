"""The modules of a Django project, read as text.

Nothing of the project is imported: its settings may need variables, or packages of its environment.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.errors import InfraError

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def read(path: Path) -> str:
    """Return the text of a module, or an empty one if there is no such file."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InfraError(f"{path} is not a text in UTF-8.") from None
    except FileNotFoundError:
        return ""


def parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(read(path), str(path))
    except SyntaxError as error:
        raise InfraError(f"{path}:{error.lineno} is malformed Python: {error.msg}.") from None


@dataclass(frozen=True)
class Modules:
    """The modules below a folder from which they are imported.

    Attributes:
        has_classes: settings are attributes of classes, as django-configurations has them.

    """

    directory: Path
    has_classes: bool = False

    def find(self, name: str) -> Path | None:
        """Return the file of a module."""
        path = self.directory.joinpath(*name.split("."))
        candidates = (path.with_suffix(".py"), path / "__init__.py")
        return next((one for one in candidates if one.is_file()), None)

    def imported(self, path: Path) -> set[Path]:
        """Return the modules from which this one gets settings, at any depth."""
        found: set[Path] = set()
        waiting = [path]
        while waiting:
            for other in self._imported_at_once(waiting.pop()):
                if other not in found and other != path:
                    found.add(other)
                    waiting.append(other)
        return found

    def names(self, path: Path) -> set[str]:
        """Return the names of the settings of a module, and of those that it imports."""
        modules = (path, *self.imported(path))
        return {
            name
            for one in modules
            if one.is_file()
            for node in self._statements(parsed(one))
            if (name := _assigned(node))
        }

    def values(self, path: Path, name: str) -> Iterator[str]:
        """Yield the strings that a module, and those that it imports, assign to a name."""
        for module in (path, *self.imported(path)):
            for node in self._statements(parsed(module)):
                targets = node.targets if isinstance(node, ast.Assign) else []
                if isinstance(node, ast.AnnAssign):
                    targets = [node.target]
                value = getattr(node, "value", None)
                is_named = any(isinstance(one, ast.Name) and one.id == name for one in targets)
                if is_named and isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value

    def _imported_at_once(self, path: Path) -> Iterator[Path]:
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.ImportFrom):
                continue
            # A module gets the settings of another one by its names, or by its classes.
            if not self.has_classes and all(one.name != "*" for one in node.names):
                continue
            name, folder = node.module or "", self.directory
            if node.level:
                folder = path.parents[node.level - 1]
            if not name:
                yield folder / "__init__.py"
            elif (other := Modules(folder).find(name)) is not None:
                yield other

    def _statements(self, module: ast.Module) -> Iterator[ast.AST]:
        """Yield the nodes whose names can be settings: those outside of functions."""
        waiting: list[ast.AST] = [module]
        while waiting:
            node = waiting.pop()
            if isinstance(node, _FUNCTIONS):
                # A property of a class, at most.
                yield from [node] if self.has_classes else []
            elif not isinstance(node, ast.Lambda) and (
                self.has_classes or not isinstance(node, ast.ClassDef)
            ):
                yield node
                waiting += ast.iter_child_nodes(node)


def _assigned(node: ast.AST) -> str:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    return node.name if isinstance(node, _FUNCTIONS) else ""
