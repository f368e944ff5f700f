"""Zappa's command line, without its question to the package index about a newer version.

Run as a program: `python -m infra.deploy.zappa_cli update dev …`. The version is pinned, and a
deployment should depend on nothing but AWS.
"""

from __future__ import annotations

from zappa.cli import ZappaCLI, handle


def ask_nobody(cli: ZappaCLI) -> None:
    """In the place of `check_for_update`."""
    del cli


def main() -> None:
    ZappaCLI.check_for_update = ask_nobody
    handle()


if __name__ == "__main__":
    main()
