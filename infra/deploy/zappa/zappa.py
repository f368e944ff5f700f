"""Run Zappa as a separate program: https://github.com/zappa/Zappa."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from infra.aws.aws_errors import CORRECT, advice_in
from infra.deploy.stage.zappa_settings import SETTINGS
from infra.environments import ROOT
from infra.errors import ChildDied
from infra.progress import run_step

# botocore reads credentials from these. Zappa gets only those that it is given.
_CREDENTIALS = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SECURITY_TOKEN",
        "AWS_SESSION_TOKEN",
    }
)


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

    Args:
        environment: variables on top of this process's, including the credentials. Zappa has no
            terminal here, so it could not ask for the code of a second factor.
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
