"""What the commands of arguments.py do."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.deployment import deploy
from infra.deploy.destroy import destroy
from infra.deploy.plan import plan
from infra.deploy.report import outputs, status
from infra.deploy.rollback import rollback
from infra.deploy.stage import read_stage
from infra.deploy.target import Target
from infra.environments import ROOT
from infra.errors import InfraError

WORK = ROOT / ".deploy"


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
        actions[options.action](options, target)
    except (BotoCoreError, ClientError) as error:
        # No credentials, expired ones, a right that is missing, no network.
        raise InfraError(f"AWS did not do what `{options.action}` needs: {error}") from error


def _deploy(options: argparse.Namespace, target: Target) -> None:
    del options
    deployed = deploy(target, WORK / target.stage.name, database_url=os.environ.get("DATABASE_URL"))
    told = ", ".join(deployed.changes) or "nothing, everything was up to date"
    print(f"Changed: {told}.\n{deployed.public_url}")


def _plan(options: argparse.Namespace, target: Target) -> None:
    del options
    print("\n".join(plan(target, WORK / target.stage.name)) or "Nothing would change.")


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
    print(f"{target.stage.function_name} runs the former code again: {rollback(target)}.")


def _destroy(options: argparse.Namespace, target: Target) -> None:
    name = target.stage.name
    if target.stage.production and not options.production:
        raise InfraError(f"{name} is in production: add --production if that is what you mean.")
    if not options.yes and input(f"Type {name} to destroy it: ") != name:
        raise InfraError("Nothing was destroyed.")
    destroy(target, WORK / name)
    print(f"{name} is gone." + (" Its users were kept." if target.stage.production else ""))
