"""The real Zappa, as a program of its own: https://github.com/zappa/Zappa."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.aws.aws_errors import CORRECT, advice_in
from infra.environments import ROOT
from infra.errors import ChildDied, InfraError
from infra.progress import run_step

SETTINGS = ROOT / "zappa_settings.json"


# What botocore reads credentials from. The child has those of this process alone.
_CREDENTIALS = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SECURITY_TOKEN",
        "AWS_SESSION_TOKEN",
    }
)


def stage_settings(stage: str, **of_the_account: Any) -> dict[str, Any]:
    """The content of zappa_settings.json with what only the account knows added to `stage`.

    Raises InfraError where the file names a profile: Zappa would deploy with other credentials
    than the rest of the deployment.
    """
    settings: dict[str, Any] = json.loads(SETTINGS.read_text("utf-8"))
    if profile := stage_config(stage).get("profile_name"):
        raise InfraError(
            f"zappa_settings.json names the profile {profile}. Remove `profile_name` and set "
            f"AWS_PROFILE={profile} instead: all of a deployment uses the same credentials."
        )
    settings.setdefault(stage, {"extends": "dev"}).update(of_the_account)
    return settings


def stage_config(stage: str) -> dict[str, Any]:
    """What zappa_settings.json says of a stage, with what it inherits."""
    settings: dict[str, Any] = json.loads(SETTINGS.read_text("utf-8"))
    own = settings.get(stage, {"extends": "dev"})
    parent = own.get("extends")
    return {**(stage_config(parent) if parent else {}), **own}


def description(settings: Mapping[str, Any]) -> str:
    """Of the function, when Zappa has done all that `settings` say.

    The next deployment finds out by it whether anything has changed. Zappa itself writes another
    one, so that a run of it that was interrupted is one that has to be repeated.
    """
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
    return f"Gatehouse, settings {digest}"


def is_in_vpc(stage: str) -> bool:
    """Whether zappa_settings.json gives the stage network interfaces of its own."""
    return bool(stage_config(stage).get("vpc_config"))


def is_traced(stage: str) -> bool:
    """Whether zappa_settings.json has the stage's function send traces to X-Ray."""
    return bool(stage_config(stage).get("xray_tracing"))


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

    `environment`: variables on top of this process's, the credentials among them. The child has no
    terminal, so it could not ask for the code of a second factor. Raises ChildDied with the end of
    its output, and what to do about an AWS error in it.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in _CREDENTIALS}
    try:
        run_step(
            what,
            [sys.executable, "-m", "infra.deploy.zappa.zappa_cli", *arguments, "-s", settings],
            name=f"`zappa {arguments[0]}`",
            log=log,
            environment={**inherited, **environment, "PYTHONPATH": str(ROOT)},
            directory=directory,
        )
    except ChildDied as error:
        advice = advice_in(log.read_text("utf-8", errors="replace"))
        raise ChildDied(f"{error}\n{advice or CORRECT} Then run the same command again.") from error
