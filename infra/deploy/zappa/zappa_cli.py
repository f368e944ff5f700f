"""Zappa's command line, with two changes.

Run as a program: `python -m infra.deploy.zappa.zappa_cli update dev …`.

- It does not ask the package index about a newer version. The version is pinned, and a deployment
  should depend on nothing but AWS.
- `update` makes the API where it is missing: after an interrupted `deploy`, and for a stage that
  had another API. Zappa would want the function to be deleted first.
"""

from __future__ import annotations

from typing import Any

from zappa.cli import ZappaCLI, handle
from zappa.core import Zappa

_update_stack = Zappa.update_stack


def ask_nobody(cli: ZappaCLI) -> None:
    """In the place of `check_for_update`."""
    del cli


def update_or_create_stack(self: Zappa, *arguments: Any, **options: Any) -> None:
    """In the place of `update_stack`."""
    _update_stack(self, *arguments, **options | {"update_only": False})


def main() -> None:
    ZappaCLI.check_for_update = ask_nobody
    Zappa.update_stack = update_or_create_stack
    handle()


if __name__ == "__main__":
    main()
