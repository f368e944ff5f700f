"""What the commands of arguments.py do."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable

from infra.aws.aws_errors import explained
from infra.deploy.bundle.packages import require_python
from infra.deploy.deployment import deploy
from infra.deploy.destroy import destroy
from infra.deploy.plan import plan
from infra.deploy.release.rollback import rollback
from infra.deploy.report import outputs, status
from infra.deploy.stage.stage import read_stage
from infra.deploy.stage.target import Target
from infra.deploy.zappa.zappa import stage_config
from infra.environments import ROOT
from infra.errors import InfraError
from infra.occupied import occupied

WORK = ROOT / ".deploy"

# A first deployment takes some ten minutes on AWS.
_SHORT_SECONDS = 900


def run(options: argparse.Namespace) -> None:
    actions: dict[str, Callable[[argparse.Namespace, Target], None]] = {
        "deploy": _deploy,
        "plan": _plan,
        "outputs": _outputs,
        "status": _status,
        "rollback": _rollback,
        "destroy": _destroy,
    }
    target = Target(stage=read_stage(options.stage))
    try:
        # No credentials, expired ones, a right that is missing, no network.
        with explained(f"AWS did not do what `{options.action}` needs"):
            actions[options.action](options, target)
    except EOFError as error:
        raise InfraError(
            "The profile asks for the code of a second factor, and there is no terminal to type it "
            "in. Run the command in one, or use credentials that need no code."
        ) from error
    except (OSError, ValueError) as error:
        # The pool's keys cannot be fetched, a file cannot be written, a secret is no JSON.
        raise InfraError(
            f"`{options.action}`: {error}\nCorrect that, then run the same command again."
        ) from error
    except KeyboardInterrupt:
        print(
            f"\nInterrupted. What `{options.action}` has done is kept: run the same command again "
            "and it goes on from there.",
            file=sys.stderr,
        )
        raise


def _deploy(options: argparse.Namespace, target: Target) -> None:
    require_python(stage_config(target.stage.name)["runtime"])
    directory = WORK / target.stage.name
    with occupied(directory, f"`infra {options.action}`"):
        _say_how_long_credentials_last(target)
        deployed = deploy(target, directory, database_url=os.environ.get("DATABASE_URL"))
    told = ", ".join(deployed.changes) or "nothing, everything was up to date"
    print(f"Changed: {told}.\n{deployed.public_url}")


def _plan(options: argparse.Namespace, target: Target) -> None:
    require_python(stage_config(target.stage.name)["runtime"])
    directory = WORK / target.stage.name
    with occupied(directory, f"`infra {options.action}`"):
        lines = plan(target, directory)
    print("\n".join(lines) or "Nothing would change.")


def _outputs(options: argparse.Namespace, target: Target) -> None:
    values = outputs(target)
    if options.format == "json":
        print(json.dumps(values, indent=2))
    else:
        print("\n".join(f"{name}={value}" for name, value in values.items()))


def _status(options: argparse.Namespace, target: Target) -> None:
    del options
    print("\n".join(status(target)))


def _rollback(options: argparse.Namespace, target: Target) -> None:
    del options
    version = rollback(target)
    print(f"Requests to {target.stage.function_name} are answered by version {version} again.")


def _destroy(options: argparse.Namespace, target: Target) -> None:
    name = target.stage.name
    if target.stage.production and not options.production:
        raise InfraError(f"{name} is in production: add --production if that is what you mean.")
    if not options.yes and _asked(f"Type {name} to destroy it: ") != name:
        raise InfraError("Nothing was destroyed.")
    with occupied(WORK / name, f"`infra {options.action}`"):
        kept = destroy(target)
    print("\n".join([f"{name} is gone.", *kept]))


def _asked(question: str) -> str:
    if not sys.stdin.isatty():
        raise InfraError("Nothing was destroyed: without a terminal, add --yes.")
    return input(question)


def _say_how_long_credentials_last(target: Target) -> None:
    seconds = target.seconds_left()
    if seconds is not None and seconds < _SHORT_SECONDS:
        print(
            f"The credentials expire in {max(seconds, 0) / 60:.0f} minutes. If they do before the "
            "end, sign in again and run the same command again: it goes on from there.",
            file=sys.stderr,
        )
