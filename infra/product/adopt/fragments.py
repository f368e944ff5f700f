"""The lines that an adopted project has at the end of its settings and of its root URLconf."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

from infra.errors import InfraError
from infra.product.adopt.host import Host

_SETTINGS = """
# Sign-in with Cognito, by {name}. Keep these lines at the end.
from {package}.project.adopted_settings import {package}_settings  # noqa: E402

globals().update({package}_settings(globals()))
"""
# Where django-configurations makes the settings of a class, after the module was loaded.
_CONFIGURATION = """
# Sign-in with Cognito, by {name}. Keep these lines at the end.
from {package}.project.adopted_settings import {package}_configuration  # noqa: E402

{package}_configuration(globals())
"""
# A formatter whose lines have 88 characters changes nothing here, so `--undo` finds the lines.
_URLS = """
# Sign-in with Cognito, by {name}. Keep these lines at the end.
from django.urls import include, path  # noqa: E402

urlpatterns = [
    path("{prefix}/", include("{package}.project.adopted_urls")),
    *urlpatterns,
]
"""


class Fragments:
    """The lines of a project whose package and prefix have these names."""

    def __init__(self, name: str, package: str, prefix: str) -> None:
        self.settings = _SETTINGS.format(name=name, package=package)
        self.configuration = _CONFIGURATION.format(name=name, package=package)
        self.urls = _URLS.format(name=name, package=package, prefix=prefix)

    def added(self, host: Host) -> dict[Path, str]:
        """Return the text of each file that changes, with the lines."""
        lines = self.configuration if host.has_classes else self.settings
        changed = {path: _with(path, lines) for path in host.settings}
        return changed | {host.urls: _with(host.urls, self.urls)}

    def removed(self, paths: Iterable[Path]) -> dict[Path, str]:
        """Return the text of each file that has the lines, without them."""
        changed = {}
        for path in paths:
            text = read(path)
            ending = _ending(text)
            without = text
            for lines in (self.settings, self.configuration, self.urls):
                without = without.replace(lines.replace("\n", ending), "")
            if without != text:
                changed[path] = without
        return changed


def read(path: Path) -> str:
    """Return a text with the ends of lines that it has."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise InfraError(f"{path} is not a text in UTF-8.") from None


def write(changes: Mapping[Path, str]) -> None:
    for path, text in changes.items():
        path.write_bytes(text.encode("utf-8"))


def diff(host_top: Path, changes: Mapping[Path, str]) -> str:
    """Return the changes as `git diff` shows them."""
    shown: list[str] = []
    for path, text in changes.items():
        name = path.relative_to(host_top).as_posix()
        lines = difflib.unified_diff(
            read(path).splitlines(), text.splitlines(), f"a/{name}", f"b/{name}", lineterm=""
        )
        shown += [*lines, ""]
    return "\n".join(shown)


def _ending(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _with(path: Path, lines: str) -> str:
    text = read(path)
    # The lines begin with an empty one. In a file without a final end of line, that end is the only
    # one before them. So `removed` restores each byte of both kinds of files.
    return text + lines.replace("\n", _ending(text))
