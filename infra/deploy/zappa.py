"""The real Zappa, as a program of its own: https://github.com/zappa/Zappa."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from infra.environments import ROOT
from infra.progress import run_step

SETTINGS = ROOT / "zappa_settings.json"


def zappa(
    what: str,
    arguments: list[str],
    *,
    directory: Path,
    log: Path,
    settings: Path = SETTINGS,
    environment: Mapping[str, str],
) -> None:
    """Run one Zappa command in `directory`, as the step `what`.

    `environment`: variables on top of this process's. Raises ChildDied with the end of its output.
    """
    run_step(
        what,
        [sys.executable, "-m", "infra.deploy.zappa_cli", *arguments, "-s", settings],
        name=f"`zappa {arguments[0]}`",
        log=log,
        environment={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
        directory=directory,
    )
