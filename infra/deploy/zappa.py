"""The real Zappa, as a program of its own: https://github.com/zappa/Zappa."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.environments import ROOT
from infra.progress import run_step

SETTINGS = ROOT / "zappa_settings.json"


def stage_settings(stage: str, **of_the_account: str | bool | Mapping[str, str]) -> dict[str, Any]:
    """The content of zappa_settings.json with what only the account knows added to `stage`."""
    settings: dict[str, Any] = json.loads(SETTINGS.read_text("utf-8"))
    settings.setdefault(stage, {"extends": "dev"}).update(of_the_account)
    return settings


def description(settings: Mapping[str, Any]) -> str:
    """Of the function, when Zappa has done all that `settings` say.

    The next deployment finds out by it whether anything has changed. Zappa itself writes another
    one, so that a run of it that was interrupted is one that has to be repeated.
    """
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
    return f"Gatehouse, settings {digest}"


def is_in_vpc(stage: str) -> bool:
    """Whether zappa_settings.json gives the stage network interfaces of its own."""
    return bool(_effective_settings(stage).get("vpc_config"))


def is_traced(stage: str) -> bool:
    """Whether zappa_settings.json has the stage's function send traces to X-Ray."""
    return bool(_effective_settings(stage).get("xray_tracing"))


def _effective_settings(stage: str) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(SETTINGS.read_text("utf-8"))
    own: dict[str, Any] = settings.get(stage, {})
    inherited: dict[str, Any] = settings.get(own.get("extends", "dev"), {})
    return inherited | own


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
