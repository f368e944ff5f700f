"""Run the commands of arguments.py."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable

from infra.aws.aws_errors import explained
from infra.aws.provision import REPLACED
from infra.deploy.arguments import RECOVER, ROTATE
from infra.deploy.bundle.packages import interpreter
from infra.deploy.deployment import deploy, destroy, plan, status
from infra.deploy.function.function import ALIAS, deployed_function, environment_of
from infra.deploy.outputs import outputs
from infra.deploy.recovery.command import recover
from infra.deploy.release.rollback import rollback
from infra.deploy.rights.policy import boundary_policy, deployer_policy
from infra.deploy.rotation import ages
from infra.deploy.rotation.command import rotate
from infra.deploy.stage.stages_file import read_stage
from infra.deploy.stage.target import Target
from infra.environments import ROOT
from infra.errors import InfraError
from infra.occupied import occupied

WORK = ROOT / ".deploy"

# A first deployment takes about ten minutes on AWS.
_SHORT_SECONDS = 900


# The exit status of `plan --exit-code`, which is that of `terraform plan -detailed-exitcode`.
_CHANGES = 2


def run(options: argparse.Namespace) -> int:
    """Run a command, and return its exit status.

    Raises:
        InfraError: the command failed; the message says what to do.
    """
    actions: dict[str, Callable[[argparse.Namespace, Target], int | None]] = {
        "deploy": _deploy,
        "plan": _plan,
        "policy": _policy,
        "outputs": _outputs,
        "status": _status,
        "rollback": _rollback,
        "destroy": _destroy,
        ROTATE: _rotate,
        RECOVER: _recover,
    }
    target = Target(stage=read_stage(options.stage))
    if target.stage.is_pattern and options.action != "policy":
        raise InfraError(
            f"The stage {target.stage.name} has the settings of previews. Add a number to its "
            f"name: --stage {target.stage.name}1"
        )
    try:
        # For example: no credentials, expired ones, a missing permission, no network.
        with explained(f"`{options.action}` failed at a call of AWS"):
            return actions[options.action](options, target) or 0
    except EOFError as error:
        raise InfraError(
            "The profile asks for the code of a second factor, and there is no terminal to type it "
            "in. Run the command in a terminal, or use credentials that need no code."
        ) from error
    except (OSError, ValueError) as error:
        # For example: the pool's keys are unavailable, the disk is full, a secret is not JSON.
        raise InfraError(
            f"`{options.action}`: {error}\nCorrect that, then run the same command again."
        ) from error
    except KeyboardInterrupt:
        print(
            f"\nInterrupted. `{options.action}` keeps what it has done: run the same command again "
            "and it continues from there.",
            file=sys.stderr,
        )
        raise


def _deploy(options: argparse.Namespace, target: Target) -> None:
    interpreter(target.stage.runtime)
    directory = WORK / target.stage.name
    with occupied(directory, f"`infra {options.action}`"):
        _warn_of_expiry(target)
        deployed = deploy(target, directory, database_url=os.environ.get("DATABASE_URL"))
    changes = ", ".join(deployed.changes) or "nothing, because everything was up to date"
    print(f"Changed: {changes}.\n{deployed.public_url}")


def _plan(options: argparse.Namespace, target: Target) -> int:
    interpreter(target.stage.runtime)
    directory = WORK / target.stage.name
    with occupied(directory, f"`infra {options.action}`"):
        lines = plan(target, directory)
    if options.format == "json":
        changes = [{"change": line, "replaces": REPLACED in line} for line in lines]
        print(json.dumps({"stage": target.stage.name, "changes": changes}, indent=2))
    else:
        print("\n".join(lines) or "Nothing would change.")
    _warn_of_old_secrets(target)
    return _CHANGES if lines and options.exit_code else 0


def _policy(options: argparse.Namespace, target: Target) -> None:
    document = boundary_policy if options.boundary else deployer_policy
    print(json.dumps(document(target.stage), indent=2))


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
    print(f"Version {version} of {target.stage.function_name} answers requests again.")


def _destroy(options: argparse.Namespace, target: Target) -> None:
    name = target.stage.name
    if target.stage.production and not options.production:
        raise InfraError(f"{name} is a production stage. To destroy it, add --production.")
    if not options.yes and _ask(f"Type {name} to destroy it: ") != name:
        raise InfraError("Nothing was destroyed.")
    with occupied(WORK / name, f"`infra {options.action}`"):
        kept = destroy(target)
    print("\n".join([f"Destroyed the stage {name}.", *kept]))


def _rotate(options: argparse.Namespace, target: Target) -> None:
    with occupied(WORK / target.stage.name, f"`infra {options.action}`"):
        rotate(options, target)


def _recover(options: argparse.Namespace, target: Target) -> None:
    with occupied(WORK / target.stage.name, f"`infra {options.action}`"):
        recover(options, target)


def _warn_of_old_secrets(target: Target) -> None:
    live = environment_of(deployed_function(target).configuration(ALIAS) or {})
    for line in ages.warnings(target.stage.name, live):
        print(line, file=sys.stderr)


def _ask(question: str) -> str:
    if not sys.stdin.isatty():
        raise InfraError("Nothing was destroyed: there is no terminal to confirm it in. Add --yes.")
    return input(question)


def _warn_of_expiry(target: Target) -> None:
    seconds = target.seconds_left()
    if seconds is not None and seconds < _SHORT_SECONDS:
        print(
            f"The credentials expire in {max(seconds, 0) / 60:.0f} minutes. If that is before the "
            "end, sign in again and run the same command again: it continues from there.",
            file=sys.stderr,
        )
