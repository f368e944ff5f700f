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
_PACKAGE = "__init__.py"
# A module that imports one of these from another one gets its settings there.
_SETTINGS = {"*", "INSTALLED_APPS", "ROOT_URLCONF"}


def read(path: Path) -> str:
    """Return the text of a module, or an empty one if there is no such file."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InfraError(f"{path} is not a text in UTF-8. Convert it first.") from None
    except FileNotFoundError:
        return ""


def parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(read(path), str(path))
    except SyntaxError as error:
        raise InfraError(f"{path}:{error.lineno} is malformed Python: {error.msg}.") from None


@dataclass(frozen=True)
class Modules:
    """The modules below the folders from which they are imported.

    Attributes:
        directory: the folder of `manage.py`.
        has_classes: settings are attributes of classes, as django-configurations has them.
        others: folders that `manage.py` adds to the path, such as `src`.

    """

    directory: Path
    has_classes: bool = False
    others: tuple[Path, ...] = ()

    @property
    def folders(self) -> tuple[Path, ...]:
        return (self.directory, *self.others)

    def find(self, name: str) -> Path | None:
        """Return the file of a module, or None if no module here has the name."""
        if not all(one.isidentifier() for one in name.split(".")):
            return None
        paths = [folder.joinpath(*name.split(".")) for folder in self.folders]
        candidates = [file for one in paths for file in (one.with_suffix(".py"), one / _PACKAGE)]
        return next((one for one in candidates if one.is_file()), None)

    def beside(self, name: str) -> Iterator[Path]:
        """Yield the modules of a package. A package needs no file of its own."""
        for folder in self.folders:
            yield from folder.joinpath(*name.split(".")).glob("*.py")

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
            if (name := _name(node))
        }

    def values(self, path: Path, name: str) -> Iterator[str]:
        """Yield the strings in what a module, and those that it imports, assign to a name."""
        for value in self._assigned(path, name):
            yield from strings(value)

    def is_false(self, path: Path, name: str) -> bool:
        """Whether a module, or one that it imports, assigns False to a name."""
        return any(
            isinstance(value, ast.Constant) and value.value is False
            for value in self._assigned(path, name)
        )

    def _assigned(self, path: Path, name: str) -> Iterator[ast.expr]:
        for module in (path, *self.imported(path)):
            for node in self._statements(parsed(module)):
                if isinstance(node, ast.Assign):
                    targets: list[ast.expr] = node.targets
                elif isinstance(node, ast.AnnAssign):
                    targets = [node.target]
                else:
                    continue
                is_named = any(isinstance(one, ast.Name) and one.id == name for one in targets)
                if is_named and node.value is not None:
                    yield node.value

    def _imported_at_once(self, path: Path) -> Iterator[Path]:
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.ImportFrom):
                continue
            # A module gets the settings of another one by its names, or by its classes.
            if not self.has_classes and _SETTINGS.isdisjoint(one.name for one in node.names):
                continue
            name, modules = node.module or "", self
            if node.level:
                modules = Modules(path.parents[node.level - 1])
            if not name:
                yield modules.directory / _PACKAGE
            elif (other := modules.find(name)) is not None:
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


def strings(node: ast.AST) -> Iterator[str]:
    """Yield the strings in a statement or an expression."""
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def _name(node: ast.AST) -> str:
    """Return the name that a statement gives a value, or an empty string."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    if isinstance(node, ast.alias):
        return node.asname or node.name
    return node.name if isinstance(node, _FUNCTIONS) else ""
