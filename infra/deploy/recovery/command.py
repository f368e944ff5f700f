"""`python -m infra recover`."""

from __future__ import annotations

import argparse
import os
import sys

from infra.aws.aws_errors import explained
from infra.deploy.function.function import deployed_function
from infra.deploy.function.secrets import DATABASE_URL
from infra.deploy.ownership import require_ours
from infra.deploy.recovery.database import use_restored_database
from infra.deploy.recovery.pool_recovery import COMPLETED, GENERATED, PoolRecovery, preview_lines
from infra.deploy.stage.target import Target
from infra.errors import InfraError

PAGE = "docs/disaster-drill.md"
_AGAIN = "To go on, run the same command again. To let changes through, add --cancel."


def recover(options: argparse.Namespace, target: Target) -> None:
    """Bring the user pool back to a time, or continue with that, or cancel it.

    With `--database`, use a restored database instead.
    """
    require_ours(target)
    if not (options.cancel or options.yes or options.dry_run or sys.stdin.isatty()):
        raise InfraError(
            "There is no terminal to confirm the recovery in. Add --dry-run to see its preview, or "
            "--yes to recover without a question."
        )
    if options.database:
        use_restored_database(
            target,
            os.environ.get(DATABASE_URL),
            confirm=lambda: _is_confirmed(options, target, "use this database"),
            is_dry=options.dry_run,
        )
        return
    stage = target.stage
    pool_id = target.resource_id(stage.cognito_stack, "UserPool")
    if pool_id is None:
        raise InfraError(f"The stage {stage.name} has no user pool. Run `deploy` first.")
    recovery = PoolRecovery(
        target.client("cognito-idp"), pool_id, say=print, polling_seconds=target.polling_seconds
    )
    if options.cancel:
        was_active = recovery.cancel()
        print(_CANCELLED if was_active else "No recovery is active.")
        return
    try:
        _recover(options, target, recovery)
    except KeyboardInterrupt:
        print(f"\nChanges of the user pool may still be paused. {_AGAIN}", file=sys.stderr)
        raise


_CANCELLED = "The recovery was cancelled. Nothing was changed, and changes are possible again."


def _recover(options: argparse.Namespace, target: Target, recovery: PoolRecovery) -> None:
    found = recovery.preview(options.to)
    if found["RestoreStatus"] == COMPLETED:
        print("The user pool was recovered to this time already.")
    elif found["RestoreStatus"] == GENERATED:
        print("\n".join(["The recovery would", *preview_lines(found)]))
        print(_changes(target, options))
        if options.dry_run or not _is_confirmed(options, target, "recover its users"):
            recovery.cancel()
            if options.dry_run:
                print(_CANCELLED)
                return
            raise InfraError(_CANCELLED)
    elif options.dry_run:
        raise InfraError("Cognito restores the user pool already, so there is nothing to preview.")
    if found["RestoreStatus"] != COMPLETED:
        print("Cognito restores the user pool.")
        recovery.restore(found)
        print("The user pool is as it was, and changes are possible again.")
    print(f"Next: {PAGE}#after-a-recovery-of-the-users")


def _is_confirmed(options: argparse.Namespace, target: Target, purpose: str) -> bool:
    if options.yes:
        return True
    name = target.stage.name
    return input(f"Type {name} to {purpose}, or anything else to cancel: ") == name


def _changes(target: Target, options: argparse.Namespace) -> str:
    """Return what the audit trail knows about the changes that the recovery undoes."""
    since = f"{options.to:%Y-%m-%dT%H:%M:%SZ}"
    try:
        with explained("the audit trail"):
            printed = deployed_function(target).manage(f"list_pool_changes --since {since} --count")
    except InfraError as error:
        return f"The audit trail does not say which changes these are. {error}"
    return printed.rstrip()
