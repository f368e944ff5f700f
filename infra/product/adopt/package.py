"""The files that an adopted project has of a release, below one package."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from infra.product.adopt.placement import PACKAGES, Placement
from infra.product.names import Names
from infra.product.start import File, Release

# The project has settings, a server and a deployment of its own, so these are all of `project`.
_OF_PROJECT = (
    "project/__init__.py",
    "project/adopted_settings.py",
    "project/adopted_urls.py",
    "project/databases/__init__.py",
    "project/databases/authorities.py",
    "project/environment/",
    "project/middleware/__init__.py",
    "project/middleware/headers.py",
    "project/version.py",
)
# An application finds its own catalogs, and does not override texts of the project.
_MOVED = {"locale/": "accounts/locale/"}
_OTHERS = ("LICENSE", ".env.example")
REQUIREMENTS = "requirements.txt"
# An example, whose addresses no adopted project includes.
NEVER = ("notes",)
# What `project` needs elsewhere: the database, the server and the deployment.
_LEFT_TO_THE_PROJECT = {
    *("markupsafe", "psycopg[binary]", "python-dotenv", "pyyaml", "werkzeug", "whitenoise"),
    "zappa",
}
_PINNED = re.compile(r"^([a-z0-9-]+(?:\[[a-z]+\])?)==(\d+)\.(\d+)\S*$", re.MULTILINE)
_VARIABLES = re.compile(
    r"(?:^#.*\n)*^(DJANGO_\w+|DATABASE_URL|LOG_LEVEL|CORS_\w+)=.*\n", re.MULTILINE
)
_HEAD_OF_VARIABLES = """\
# Set these where this project sets its own variables. PUBLIC_URL and those that are marked as
# required must have a value, in tests as well. Empty means the default.
"""
# Many projects ignore compiled catalogs, and an update needs all files that the package has.
_IGNORED = "!*\n__pycache__/\n"
_INIT = '''\
"""Sign-in with Amazon Cognito, made by `infra adopt`. Update it with `infra update`, which merges.

{lock} in the project has the release. Requirements are in {package}/requirements.txt, and
the variables of the environment in {package}/.env.example.
"""
'''


def files(release: Release, names: Names, without: Sequence[str], lock_file: str) -> Iterator[File]:
    """Yield the files of the package, with paths from the folder of `manage.py`."""
    known = release.known
    left_out = {*without, *(name for name in NEVER if name in known)}
    placement = _placement(release, names.package)
    top = PurePosixPath(names.package)
    for file, text in release.without(sorted(left_out)):
        path = str(file.path)
        if path == "requirements/runtime.in" and text is not None:
            yield File(top / REQUIREMENTS, _requirements(text, release.version).encode(), False)
        elif _is_of_the_package(path):
            content = file.content if text is None else _text(path, text, placement, names).encode()
            yield File(top / names.in_path(_moved(path)), content, file.is_executable)
    init = _INIT.format(lock=lock_file, package=names.package)
    yield File(top / "__init__.py", init.encode(), False)
    yield File(top / ".gitignore", _IGNORED.encode(), False)
    # There is no pyproject.toml of ours to read it from.
    yield File(top / "project/version.txt", release.version.encode(), False)


def _text(path: str, text: str, placement: Placement, names: Names) -> str:
    if path == "LICENSE":
        return text
    if path == ".env.example":
        text = _HEAD_OF_VARIABLES + _VARIABLES.sub("", text[text.index("\n\n") :])
    if path.endswith((".py", ".html")):
        text = placement.in_text(text)
    return names.in_text(text)


def _placement(release: Release, package: str) -> Placement:
    tables = {
        name.lower()
        for path, file in release.files.items()
        if path.startswith("accounts/models/")
        for name in re.findall(r"^class (\w+)\(", file.content.decode(), re.MULTILINE)
    }
    ours = [path for path in release.files if path.startswith(tuple(f"{one}/" for one in PACKAGES))]
    return Placement(package, ours, tables)


def _is_of_the_package(path: str) -> bool:
    folders = ("accounts/", "api/", "cognito/", *_MOVED, *_OF_PROJECT)
    return path in _OTHERS or path.startswith(folders)


def _moved(path: str) -> PurePosixPath:
    for folder, new in _MOVED.items():
        if path.startswith(folder):
            path = new + path.removeprefix(folder)
    return PurePosixPath(path)


def _requirements(text: str, version: str) -> str:
    """Return ranges of versions, because the project has requirements of its own."""
    lines = [
        f"{name}>={major}.{minor},<{int(major) + 1}"
        for name, major, minor in _PINNED.findall(text)
        if name not in _LEFT_TO_THE_PROJECT
    ]
    head = f"# What release {version} needs, in addition to the requirements of this project.\n"
    return head + "\n".join(lines) + "\n"
