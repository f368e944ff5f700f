"""Move our packages below one package of another project, and give them names of their own there.

A project has its own `accounts`, `api` and `project` more often than not. So an adopted project has
all of ours in one package: `gatehouse.accounts`, `gatehouse.api` and so on. What Django knows by
one word, for all applications of a project, begins with the name of that package: the labels of
applications, and with these their tables and permissions, and the namespaces of URLs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

PACKAGES = ("accounts", "api", "cognito", "project")
# They have a label, or a namespace of URLs.
_APPLICATIONS = ("accounts", "api")

_ANY = "|".join(PACKAGES)
_IMPORT = re.compile(rf"^(\s*(?:from|import) )({_ANY})(?=[ .])", re.MULTILINE)
_DOTTED = re.compile(rf"(?<![\w./@-])({_ANY})((?:\.\w+)+)")
# A whole string: the label of an application, or a namespace.
_LABEL = re.compile(r"""(?<=["'])accounts(?=["'])""")
_NAMESPACE = re.compile(rf"""(?<=["'])({"|".join(_APPLICATIONS)})(?=:[a-z])""")
_APP_NAME = re.compile(r"""^(app_name = ")api(?=")""", re.MULTILINE)
_PERMISSIONS = re.compile(r"\b(perms\.)accounts(?=\.)")
_ADMIN = re.compile(r"(?<=admin:)accounts(?=_)")


class Placement:
    """A package of another project that holds ours.

    Args:
        package: its name.
        files: the paths of our files, as in this repository.
        tables: the names of our models in lower case, which raw SQL has in the names of tables.

    """

    def __init__(self, package: str, files: Iterable[str], tables: Iterable[str]) -> None:
        self.package = package
        paths = {PurePosixPath(path) for path in files}
        self._modules = {str(path.with_suffix("")) for path in paths if path.suffix == ".py"}
        self._modules |= {str(parent) for path in paths for parent in path.parents}
        self._table = re.compile(rf"\baccounts(?=_(?:{'|'.join(sorted(tables))})\b)")

    def label(self, application: str) -> str:
        return f"{self.package}_{application}"

    def in_text(self, text: str) -> str:
        """Return the text of a module or a template with the names of the other project."""
        label = self.label("accounts")
        text = _IMPORT.sub(rf"\1{self.package}.\2", text)
        text = _DOTTED.sub(self._dotted, text)
        text = _NAMESPACE.sub(lambda match: self.label(match[1]), text)
        text = _APP_NAME.sub(rf"\1{self.label('api')}", text)
        for pattern in (_LABEL, _ADMIN, self._table):
            text = pattern.sub(label, text)
        return _PERMISSIONS.sub(rf"\1{label}", text)

    def _dotted(self, match: re.Match[str]) -> str:
        """Replace the path of a module, or a name that begins with the label of `accounts`."""
        first, rest = match[1], match[2]
        if f"{first}/{rest.split('.')[1]}" in self._modules:
            return f"{self.package}.{first}{rest}"
        return f"{self.label(first)}{rest}" if first == "accounts" else match[0]
