"""Zappa's command line, with two changes.

Run as a program: `python -m infra.deploy.zappa.zappa_cli update dev …`.

- It does not ask the package index for a newer version. The version is pinned, and a deployment
  depends on AWS only.
- `update` makes the API where it is missing: after an interrupted `deploy`, and for a stage that
  had another API. Zappa itself would require that the function is deleted first.
"""

from __future__ import annotations

from typing import Any

from zappa.cli import ZappaCLI, handle
from zappa.core import Zappa

_update_stack = Zappa.update_stack


def skip_update_check(cli: ZappaCLI) -> None:
    """Replace `check_for_update`."""
    del cli


def update_or_create_stack(self: Zappa, *arguments: Any, **options: Any) -> None:
    """Replace `update_stack`."""
    _update_stack(self, *arguments, **options | {"update_only": False})


def main() -> None:
    ZappaCLI.check_for_update = skip_update_check
    Zappa.update_stack = update_or_create_stack
    handle()


if __name__ == "__main__":
    main()
