"""Find the parts of a Django project: `manage.py`, the settings modules, and the root URLconf.

Nothing of the project is imported: its settings may need variables, or packages of its environment.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.errors import InfraError
from infra.product.git import attempt

_DEPTH = 3
_ENTRY_POINTS = ("manage.py", "wsgi.py", "asgi.py")
_MODULE = re.compile(r"""DJANGO_SETTINGS_MODULE["'\]]*\s*[,=]\s*["']([\w.]+)["']""")
_OTHERS = re.compile(r"\.|__|node_modules$|venv$|env$|site-packages$|dist$|build$")


@dataclass(frozen=True)
class Host:
    """A Django project. All paths are absolute.

    Attributes:
        top: the top of its git repository.
        directory: the folder of `manage.py`, from which its modules are imported.
        settings: each module of settings that a process loads.
        urls: the root URLconf.

    """

    top: Path
    directory: Path
    settings: tuple[Path, ...]
    urls: Path

    def names_in_settings(self) -> set[str]:
        """Return the strings of the settings: names of applications, middleware and so on."""
        modules = {*self.settings, *(two for one in self.settings for two in self._imported(one))}
        return {
            node.value
            for module in modules
            for node in ast.walk(_parsed(module))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }

    def _imported(self, path: Path) -> set[Path]:
        return _imported(self.directory, path)


def directory_of(into: Path) -> Path:
    """Return the folder of `manage.py`: `into`, or the only one below it."""
    if not into.is_dir():
        raise InfraError(f"{into} is not a directory.")
    if (into / "manage.py").is_file():
        return into
    found = sorted(_folders_with_manage(into))
    if not found:
        raise InfraError(f"There is no manage.py in {into}. Name the folder that has it.")
    if len(found) > 1:
        names = ", ".join(str(one) for one in found)
        raise InfraError(f"There is more than one manage.py. Name one of their folders: {names}.")
    return found[0]


def top_of(directory: Path) -> Path:
    """Return the top of the git repository that a project is in."""
    done = attempt(directory, "rev-parse", "--show-toplevel")
    if done.returncode:
        raise InfraError(
            f"{directory} is in no git repository. Put the project under version control first: "
            "`git init`, `git add --all`, `git commit`."
        )
    return Path(done.stdout.strip()).resolve()


def find(directory: Path, settings: Sequence[str], urls: str | None) -> Host:
    """Find what a project consists of. Arguments and errors are those of `parts`."""
    modules, urlconf = parts(directory, settings, urls)
    return Host(top_of(directory), directory, modules, urlconf)


def parts(
    directory: Path, settings: Sequence[str], urls: str | None
) -> tuple[tuple[Path, ...], Path]:
    """Return the settings modules of a project, and its root URLconf.

    Args:
        directory: the folder of `manage.py`.
        settings: paths of settings modules from there, instead of those that are found.
        urls: the path of the root URLconf from there, likewise.

    Raises:
        InfraError: something was not found, or there is more than one.

    """
    chosen = [_named(directory, one) for one in settings] or _settings(directory)
    for one in chosen:
        _parsed(one)
    urlconf = _named(directory, urls) if urls else _urls(directory, chosen)
    if "urlpatterns" not in _names(_parsed(urlconf)):
        raise InfraError(
            f"{urlconf} has no urlpatterns. Name the root URLconf with --urls-file, as a path from "
            f"{directory}."
        )
    return tuple(chosen), urlconf


def _folders_with_manage(into: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(into):
        depth = len(Path(folder).relative_to(into).parts)
        folders[:] = [one for one in folders if depth < _DEPTH and not _OTHERS.match(one)]
        if "manage.py" in names:
            yield Path(folder)


def _settings(directory: Path) -> list[Path]:
    """Return the modules of settings that processes load.

    These are the modules that manage.py, wsgi.py and asgi.py name, and modules beside them that
    have all settings, but are imported by no other one: such as `test` beside `local` and `base`.
    """
    entries = [directory / "manage.py"]
    entries += [path for name in _ENTRY_POINTS[1:] for path in sorted(directory.glob(f"*/{name}"))]
    named = {name for path in entries for name in _MODULE.findall(_read(path)) if path.is_file()}
    found = {path for name in named if (path := _module(directory, name)) is not None}
    if not found:
        raise InfraError(
            "manage.py names no settings module that exists here. Name it with --settings-file, as "
            f"a path from {directory}."
        )
    beside = {path for one in found for path in one.parent.glob("*.py")}
    complete = {path for path in beside if "INSTALLED_APPS" in _all_names(directory, path)}
    if not found <= complete:
        names = ", ".join(str(one.relative_to(directory)) for one in sorted(found - complete))
        raise InfraError(
            f"There is no INSTALLED_APPS in {names}. Name each settings module that has them with "
            "--settings-file."
        )
    imported = {other for path in complete for other in _imported(directory, path)}
    return sorted(found | (complete - imported))


def _urls(directory: Path, settings: Sequence[Path]) -> Path:
    names = {
        value
        for path in settings
        for module in (path, *_imported(directory, path))
        for value in _values(_parsed(module), "ROOT_URLCONF")
    }
    found = {path for name in names if (path := _module(directory, name)) is not None}
    if len(found) != 1:
        said = "names more than one file" if found else "names no file here"
        raise InfraError(
            f"ROOT_URLCONF {said}. Name the root URLconf with --urls-file, as a path from "
            f"{directory}."
        )
    return found.pop()


def _named(directory: Path, path: str) -> Path:
    found = (directory / path).resolve()
    if not found.is_file() or not found.is_relative_to(directory):
        raise InfraError(f"There is no file {path} in {directory}.")
    return found


def _module(directory: Path, name: str) -> Path | None:
    path = directory.joinpath(*name.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((one for one in candidates if one.is_file()), None)


def _imported(directory: Path, path: Path) -> set[Path]:
    """Return the modules of the project from which this one imports all names, at any depth."""
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        for other in _imported_at_once(directory, waiting.pop()):
            if other not in found and other != path:
                found.add(other)
                waiting.append(other)
    return found


def _imported_at_once(directory: Path, path: Path) -> Iterator[Path]:
    for node in ast.walk(_parsed(path)):
        if isinstance(node, ast.ImportFrom) and any(one.name == "*" for one in node.names):
            name, folder = node.module or "", directory
            if node.level:
                folder = path.parents[node.level - 1]
            if (other := _module(folder, name) if name else folder / "__init__.py") is not None:
                yield other


def _all_names(directory: Path, path: Path) -> set[str]:
    modules = (path, *_imported(directory, path))
    return {name for one in modules if one.is_file() for name in _names(_parsed(one))}


def _names(module: ast.Module) -> set[str]:
    """Return the names that a module assigns to."""
    return {
        node.id
        for node in _statements(module)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _statements(module: ast.Module) -> Iterator[ast.AST]:
    """Yield the nodes outside of classes and functions, whose names are not settings."""
    waiting: list[ast.AST] = [module]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield node
            waiting += ast.iter_child_nodes(node)


def _values(module: ast.Module, name: str) -> Iterator[str]:
    for node in _statements(module):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        value = getattr(node, "value", None)
        is_named = any(isinstance(one, ast.Name) and one.id == name for one in targets)
        if is_named and isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(_read(path), str(path))
    except SyntaxError as error:
        raise InfraError(f"{path}:{error.lineno} is malformed Python: {error.msg}.") from None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InfraError(f"{path} is not a text in UTF-8.") from None
    except FileNotFoundError:
        return ""
