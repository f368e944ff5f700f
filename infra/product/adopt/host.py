"""Find the parts of a Django project: `manage.py`, the settings modules, and the root URLconf."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from infra.errors import InfraError
from infra.product.adopt.modules import Modules, parsed, read, strings
from infra.product.git import attempt

_DEPTH = 3
# A module with both has all settings of a project. A module with a part of the settings lacks one.
_COMPLETE = {"INSTALLED_APPS", "ROOT_URLCONF"}
_ENTRY_POINTS = ("manage.py", "wsgi.py", "asgi.py")
_MODULE = re.compile(r"""DJANGO_SETTINGS_MODULE["'\]]*\s*[,=]\s*["']([\w.]+)["']""")
_OTHERS = re.compile(r"\.|__|node_modules$|venv$|env$|site-packages$|dist$|build$")
# django-configurations works only where these replace Django's own functions.
_CONFIGURATIONS = re.compile(r"^\s*(?:from|import) configurations\b", re.MULTILINE)


@dataclass(frozen=True)
class Host:
    """A Django project. All paths are absolute.

    Attributes:
        top: the top of its git repository.
        modules: those that are imported from the folder of `manage.py`.
        settings: each module of settings that a process loads.
        urls: the root URLconf.

    """

    top: Path
    modules: Modules
    settings: tuple[Path, ...]
    urls: Path

    @property
    def directory(self) -> Path:
        """The folder of `manage.py`."""
        return self.modules.directory

    @property
    def has_classes(self) -> bool:
        """Whether django-configurations makes the settings of classes."""
        return self.modules.has_classes

    def names_in_settings(self) -> set[str]:
        """Return the strings of the settings: names of applications, middleware and so on."""
        imported = (two for one in self.settings for two in self.modules.imported(one))
        return {text for one in {*self.settings, *imported} for text in strings(parsed(one))}


def directory_of(into: Path) -> Path:
    """Return the folder of `manage.py`: `into`, or the only one below it."""
    if not into.is_dir():
        raise InfraError(f"{into} is not a directory.")
    if (into / "manage.py").is_file():
        return into
    found = sorted(_folders_with_manage(into))
    if not found:
        raise InfraError(
            f"There is no manage.py in {into}. Name the folder that has it. A project without one "
            'can add the applications by hand: "By hand" in docs/adopt.md.'
        )
    if len(found) > 1:
        names = ", ".join(str(one) for one in found)
        raise InfraError(f"There is more than one manage.py. Name one of their folders: {names}.")
    return found[0]


def is_of_others(path: PurePath) -> bool:
    """Whether a path is below a folder of dependencies, of a build or of a tool."""
    return any(_OTHERS.match(one) for one in path.parts[:-1])


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
    modules, chosen, urlconf = parts(directory, settings, urls)
    return Host(top_of(directory), modules, chosen, urlconf)


def parts(
    directory: Path, settings: Sequence[str], urls: str | None
) -> tuple[Modules, tuple[Path, ...], Path]:
    """Return the modules of a project, those with settings, and its root URLconf.

    Args:
        directory: the folder of `manage.py`.
        settings: paths of settings modules from there, instead of those that are found.
        urls: the path of the root URLconf from there, likewise.

    Raises:
        InfraError: something was not found, or there is more than one.

    """
    others = _others(directory)
    entries = [directory / "manage.py"]
    entries += [
        path
        for name in _ENTRY_POINTS[1:]
        for folder in (directory, *others)
        for path in sorted(folder.glob(f"*/{name}"))
    ]
    has_classes = any(_CONFIGURATIONS.search(read(path)) for path in entries)
    modules = Modules(directory, has_classes, others)
    chosen = [_named(directory, one) for one in settings] or _settings(modules, entries)
    for one in chosen:
        parsed(one)
        if modules.is_false(one, "USE_TZ"):
            raise InfraError(
                f"USE_TZ is False in {one.relative_to(directory)}, and sessions need moments with "
                "a time zone. Set USE_TZ = True first, and commit it. Django has a guide: "
                "https://docs.djangoproject.com/en/5.2/topics/i18n/timezones/#migration-guide"
            )
    urlconf = _named(directory, urls) if urls else _urls(modules, chosen)
    if "urlpatterns" not in replace(modules, has_classes=False).names(urlconf):
        raise InfraError(
            f"{urlconf} has no urlpatterns. Name the root URLconf with --urls-file, as a path from "
            f"{directory}."
        )
    return modules, tuple(chosen), urlconf


def _folders_with_manage(into: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(into):
        depth = len(Path(folder).relative_to(into).parts)
        folders[:] = [one for one in folders if depth < _DEPTH and not _OTHERS.match(one)]
        if "manage.py" in names:
            yield Path(folder)


def _others(directory: Path) -> tuple[Path, ...]:
    """Return the folders that `manage.py` may add to the path: those that it names."""
    names = {name for text in strings(parsed(directory / "manage.py")) for name in text.split("/")}
    return tuple(
        folder
        for folder in sorted(directory.iterdir())
        if folder.is_dir() and folder.name in {*names, "src"}
    )


def _settings(modules: Modules, entries: Sequence[Path]) -> list[Path]:
    """Return the modules of settings that processes load.

    These are the modules that manage.py, wsgi.py and asgi.py name, and modules beside them that
    have all settings, but are imported by no other one: such as `test` beside `local` and `base`.
    """
    directory = modules.directory
    named = {name for path in entries for name in _MODULE.findall(read(path))}
    found = {path for name in named if (path := modules.find(name)) is not None}
    if not found:
        found = set(_computed(modules, entries))
    if not found:
        raise InfraError(
            "manage.py names no settings module that exists here. Name it with --settings-file, as "
            f"a path from {directory}."
        )
    beside = {path for one in found for path in one.parent.glob("*.py")}
    if missing := sorted(one for one in found if "INSTALLED_APPS" not in modules.names(one)):
        _refuse(directory, missing)
    complete = {path for path in beside if _is_complete(modules, path)}
    if modules.has_classes:
        # Modules of other kinds can import a class, and are no settings.
        complete = {path for path in complete if _has_a_class(path)}
    imported = {other for path in complete | found for other in modules.imported(path)}
    return sorted(found | (complete - imported))


def _computed(modules: Modules, entries: Sequence[Path]) -> Iterator[Path]:
    """Yield the modules that can be the settings, where a project computes the name of its module.

    The strings there are whole names, such as a default, or begin one: `f"shop.settings.{stage}"`.
    """
    for entry in entries:
        if "DJANGO_SETTINGS_MODULE" not in read(entry):
            continue
        for text in strings(parsed(entry)):
            one = modules.find(text)
            if text.endswith(".") and text.replace(".", "").isidentifier():
                complete = {path for path in modules.beside(text) if _is_complete(modules, path)}
                yield from complete - {two for path in complete for two in modules.imported(path)}
            elif one is not None and _is_complete(modules, one):
                yield one


def _is_complete(modules: Modules, path: Path) -> bool:
    return modules.names(path) >= _COMPLETE


def _refuse(directory: Path, paths: Sequence[Path]) -> None:
    names = ", ".join(str(path.relative_to(directory)) for path in paths)
    in_classes = Modules(directory, has_classes=True)
    if all("INSTALLED_APPS" in in_classes.names(path) for path in paths):
        raise InfraError(
            f"INSTALLED_APPS of {names} is in a class, and manage.py does not import "
            "`configurations`. Of settings in classes, this command can change only those of "
            'django-configurations. Add the applications by hand: "By hand" in docs/adopt.md.'
        )
    options = " ".join(f"--settings-file {path.relative_to(directory)}" for path in paths)
    raise InfraError(
        f"The text of {names} does not show where INSTALLED_APPS come from. If Django loads this "
        f"module, and has all settings at its end, name it with {options}, and name the root "
        "URLconf with --urls-file. Otherwise name the modules that Django loads."
    )


def _has_a_class(path: Path) -> bool:
    return any(isinstance(node, ast.ClassDef) for node in parsed(path).body)


def _urls(modules: Modules, settings: Sequence[Path]) -> Path:
    names = {value for path in settings for value in modules.values(path, "ROOT_URLCONF")}
    found = {path for name in names if (path := modules.find(name)) is not None}
    if len(found) != 1:
        files = ", ".join(str(path.relative_to(modules.directory)) for path in sorted(found))
        said = f"names more than one file: {files}" if found else "names no file here"
        and_settings = ", and the settings modules with this URLconf with --settings-file"
        raise InfraError(
            f"ROOT_URLCONF {said}. Name the root URLconf with --urls-file"
            f"{and_settings if found else ''}, as a path from {modules.directory}."
        )
    return found.pop()


def _named(directory: Path, path: str) -> Path:
    found = (directory / path).resolve()
    if not found.is_file() or not found.is_relative_to(directory):
        raise InfraError(f"There is no file {path} in {directory}.")
    return found
