"""`python -m infra secrets rotate`."""

from __future__ import annotations

import argparse
import sys

from infra.deploy.function.stored_secrets import KINDS
from infra.deploy.ownership import require_ours
from infra.deploy.rotation.kinds import ROTATIONS
from infra.deploy.rotation.place import DeployedPlace
from infra.deploy.rotation.rotation import Options
from infra.deploy.stage.target import Target
from infra.errors import InfraError


def rotate(options: argparse.Namespace, target: Target) -> None:
    """Replace the secrets that `--what` names, or continue with that."""
    name = target.stage.name
    require_ours(target)
    place = DeployedPlace(target)

    def confirm(what: str) -> bool:
        if options.yes:
            return True
        if not sys.stdin.isatty():
            raise InfraError(f"There is no terminal to confirm it in. To {what}, add --yes.")
        return input(f"Type {name} to {what}: ") == name

    ended = True
    for kind in [options.what] if options.what else KINDS:
        rotation = ROTATIONS[kind](
            place,
            Options(
                say=print,
                confirm=confirm,
                is_dry=options.dry_run,
                skips_grace=options.skip_grace,
                again=options.again,
            ),
        )
        ended &= rotation.run()
    if options.dry_run:
        print("Nothing was changed.")
    elif ended:
        print(f"The rotation of the stage {name} has ended.")
