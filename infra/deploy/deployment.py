"""The steps of a deployment in their order, and the commands that walk through them.

Each step looks at what exists and changes only what differs. So a second run changes nothing, and a
run after a failed one continues where that one stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.aws.aws_errors import explained
from infra.deploy.alarms import Alarms
from infra.deploy.audit_stream.audit_stream import AuditStream
from infra.deploy.bundle.bundle import Bundle
from infra.deploy.function.platform import Platform
from infra.deploy.function.schedules import Schedules
from infra.deploy.function.secrets import Secrets
from infra.deploy.function.variables import SetVariables, Variables
from infra.deploy.gateway.address import FirstAddress
from infra.deploy.gateway.domain import Domain
from infra.deploy.gateway.gateway import Gateway
from infra.deploy.ownership import require_ours
from infra.deploy.release.release import (
    Migrations,
    NewVersion,
    NewVersionSmokeTest,
    OldVersions,
    Release,
)
from infra.deploy.release.smoke import SmokeTest
from infra.deploy.stage.target import Target
from infra.deploy.step import FormerStacks, Run, Step, told
from infra.deploy.user_pool.session_tracking import SessionTracking
from infra.deploy.user_pool.user_pool import UserPool
from infra.deploy.zappa.function_code import FunctionCode
from infra.deploy.zappa.throttling import Throttling

_user_pool, _gateway, _schedules, _domain = UserPool(), Gateway(), Schedules(), Domain()
_alarms = Alarms()
_audit_stream = AuditStream()

# `deploy` and `plan` walk from the first step to the last, `destroy` from the last to the first.
STEPS: tuple[Step, ...] = (
    # The function needs these before it can be made.
    _user_pool,
    SessionTracking(),
    Platform(),
    _audit_stream,
    Secrets(),
    Variables(),
    # These change $LATEST. Requests go to the alias `live`, which still names the former version.
    FunctionCode(),
    Throttling(),
    FirstAddress(_gateway, _user_pool),
    SetVariables(),
    # The alias moves to the new version only when its migrations and its smoke test succeeded.
    NewVersion(),
    Migrations(),
    NewVersionSmokeTest(),
    Release(),
    # These call the released version.
    _gateway,
    _schedules,
    _domain,
    _alarms,
    # The domain must lead to the new API before the former API is deleted.
    FormerStacks(_domain, _gateway, _schedules, _alarms, _audit_stream),
    OldVersions(),
    SmokeTest(),
)


@dataclass(frozen=True)
class Deployed:
    """The result of a deployment. `changes` are in words for the deployer."""

    public_url: str
    changes: list[str]


def deploy(
    target: Target,
    directory: Path,
    *,
    database_url: str | None,
    bundle: Bundle | None = None,
    after_update: Callable[[], None] | None = None,
) -> Deployed:
    """Bring the stage up to date.

    The former version answers requests until the new one has migrated the database and passed the
    smoke test. The arguments are attributes of `Run`.
    """
    run = Run(target, directory, database_url, bundle, after_update)
    with told("the stage"):
        require_ours(target)
        run.find_address()
    changes: list[str] = []
    for step in STEPS:
        with told(step.name):
            changes += step.apply(run)
    return Deployed(run.public_url, list(dict.fromkeys(changes)))


def plan(target: Target, directory: Path, *, bundle: Bundle | None = None) -> list[str]:
    """Return a line for each change that `deploy` would make."""
    run = Run(target, directory, given_bundle=bundle)
    require_ours(target)
    run.find_address()
    return [line for step in STEPS for line in step.preview(run)]


def destroy(target: Target) -> list[str]:
    """Delete what `deploy` made. Return a line for each thing that is kept.

    The steps find everything by name and tags, and pass over what is deleted already. So a run
    after an interrupted one deletes the rest. The database is kept, because `deploy` did not make
    it. The user pool of a production stage is kept, because its users could not be restored.
    """
    with explained("the stage"):
        require_ours(target, while_deleted=True)
    kept: list[str] = []
    for step in reversed(STEPS):
        with explained(step.name):
            kept += step.destroy(target)
    return kept


def status(target: Target) -> list[str]:
    """Return a line for each part of the stage."""
    return [line for step in STEPS for line in step.status(target)]
