"""Point-in-time recovery of the user pool, in steps that an interruption cannot break.

1. Cognito pauses changes of the pool, and counts what the recovery would create, update and delete.
2. The deployer sees the counts, and types the stage's name. Otherwise the recovery is cancelled.
3. Cognito restores users, groups, second factors and passkeys, and allows changes again.

Cognito knows how far a recovery has come, so a run after an interrupted one continues. After 24
hours without a confirmation, Cognito cancels the recovery itself.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiatePointInTimeRecovery.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.errors import InfraError

YOUNGEST = timedelta(minutes=15)
# How far back each tier goes.
OLDEST = {"ESSENTIALS": timedelta(days=1), "PLUS": timedelta(days=14)}

GENERATING, GENERATED = "PREVIEW_GENERATING", "PREVIEW_GENERATED"
RESTORING, COMPLETED = "RESTORING", "RESTORE_COMPLETED"
ACTIVE = frozenset({GENERATING, GENERATED, RESTORING})
# The pool stays paused until AWS Support has ended the recovery.
STUCK = frozenset({"TEMPORARY_INTERNAL_ERROR_SEE_SUPPORT_CASE", "AWS_ABORTED"})

# AWS says that a preview takes as long for a large pool as for a small one. A recovery may take
# longer than the credentials of a deployer are valid.
_WAIT_SECONDS = 1800.0

Say = Callable[[str], None]


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class PoolRecovery:
    """The recovery of one user pool. `cognito` is boto3's client of the user pool API."""

    cognito: Any
    user_pool_id: str
    say: Say
    polling_seconds: float = 3
    wait_seconds: float = _WAIT_SECONDS

    @property
    def _pool(self) -> dict[str, str]:
        return {"UserPoolId": self.user_pool_id}

    def newest(self) -> dict[str, Any] | None:
        """Return the last recovery, active or not, without its preview; None if there is none."""
        answer = self.cognito.list_point_in_time_recoveries(**self._pool, MaxResults=1)
        found: list[dict[str, Any]] = answer.get("Restorations", [])
        return found[0] if found else None

    def preview(self, moment: datetime) -> dict[str, Any]:
        """Return the recovery to `moment` with its preview, or one that has gone further.

        Changes of the pool are paused when this returns, unless the recovery is complete.

        Raises:
            InfraError: another recovery is active, or the pool cannot be recovered to this time.
        """
        newest = self.newest()
        status = newest["RestoreStatus"] if newest else ""
        if newest and status in STUCK:
            raise _stuck(status)
        if newest and status in ACTIVE | {COMPLETED} and newest["RestoreTimestamp"] == moment:
            return self._wait(newest["RestoreId"], GENERATING)
        if newest and status in ACTIVE:
            other = _written(newest["RestoreTimestamp"])
            raise InfraError(
                f"A recovery to {other} is active ({status}). Continue with --to {other}, or "
                "cancel it with --cancel."
            )
        self._require_possible(moment)
        self.say("Cognito pauses changes of the user pool now. Users can still sign in.")
        started = self.cognito.initiate_point_in_time_recovery(
            **self._pool, RestoreTimestamp=moment
        )
        return self._wait(started["Restoration"]["RestoreId"], GENERATING)

    def restore(self, recovery: Mapping[str, Any]) -> dict[str, Any]:
        """Apply a preview, or wait for a recovery that was started. Return it when it is complete.

        Raises:
            InfraError: the recovery has failed, or takes longer than this command waits.
        """
        restore_id = recovery["RestoreId"]
        if recovery["RestoreStatus"] == GENERATED:
            self.cognito.start_point_in_time_recovery(**self._pool, RestoreId=restore_id)
        done = self._wait(restore_id, RESTORING)
        if done["RestoreStatus"] != COMPLETED:
            raise InfraError(f"The recovery has ended as {done['RestoreStatus']}.")
        return done

    def cancel(self) -> bool:
        """Discard the preview, so that changes of the pool are possible again.

        Return whether there was one. Raises InfraError if it is too late.
        """
        newest = self.newest()
        status = newest["RestoreStatus"] if newest else ""
        if newest is None or status not in ACTIVE | STUCK:
            return False
        if status in STUCK:
            raise _stuck(status)
        if status == RESTORING:
            raise InfraError(
                "Cognito restores the user pool already, which cannot be cancelled. To see when it "
                f"is complete, use --to {_written(newest['RestoreTimestamp'])} instead."
            )
        self.cognito.cancel_point_in_time_recovery(**self._pool, RestoreId=newest["RestoreId"])
        return True

    def _require_possible(self, moment: datetime) -> None:
        """Refuse what Cognito would refuse, in words that say what to do."""
        pool = self.cognito.describe_user_pool(**self._pool)["UserPool"]
        tier, present = pool.get("UserPoolTier", "ESSENTIALS"), now()
        if tier not in OLDEST:
            raise InfraError(
                f"The user pool has the tier {tier}, which has no recovery. Set the parameter Tier "
                "of the stage to ESSENTIALS or PLUS: from then on, its changes can be recovered."
            )
        oldest = max(present - OLDEST[tier], pool["CreationDate"])
        if not oldest <= moment <= present - YOUNGEST:
            raise InfraError(
                f"--to {_written(moment)}: expected a time from {_written(oldest, up=True)} to "
                f"{_written(present - YOUNGEST)}. A pool of the tier {tier} goes back "
                f"{OLDEST[tier].days} day{'s' * (OLDEST[tier].days > 1)}, and its last 15 minutes "
                "cannot be recovered."
            )

    def _wait(self, restore_id: str, status: str) -> dict[str, Any]:
        """Return the recovery when it has left a status. Raises InfraError."""
        deadline = time.monotonic() + self.wait_seconds
        while True:
            answer = self.cognito.describe_point_in_time_recovery(
                **self._pool, RestoreId=restore_id
            )
            recovery: dict[str, Any] = answer["Restoration"]
            reached = recovery["RestoreStatus"]
            if reached in STUCK:
                raise _stuck(reached)
            if reached != status:
                break
            if time.monotonic() > deadline:
                raise InfraError(
                    f"Cognito has not ended this step ({status}). Changes of the user pool are "
                    "still paused. Run the same command again: it continues."
                )
            time.sleep(self.polling_seconds)
        if reached in ACTIVE | {COMPLETED}:
            return recovery
        raise InfraError(
            f"The recovery has ended as {reached}, without changing the user pool. Run the same "
            "command again to begin another one."
        )


def preview_lines(recovery: Mapping[str, Any]) -> list[str]:
    """Return the counts as a table."""
    lines = [f"{'':<12}{'create':>10}{'update':>10}{'delete':>10}"]
    for entity in recovery.get("RestorePreview", ()):
        counts = (entity.get(f"{verb}Count", 0) for verb in ("Create", "Update", "Delete"))
        lines.append(f"{entity['Entity']:<12}" + "".join(f"{count:>10,}" for count in counts))
    return lines


def status_lines(cognito: Any, user_pool_id: str) -> list[str]:
    """Return a line while a recovery pauses changes of the pool."""
    recovery = PoolRecovery(cognito, user_pool_id, say=lambda _: None)
    try:
        newest = recovery.newest()
    except (
        cognito.exceptions.FeatureUnavailableInTierException,
        # For example, the secondary pool of a replication.
        cognito.exceptions.OperationNotEnabledException,
    ):
        return []
    if newest is None or newest["RestoreStatus"] not in ACTIVE | STUCK:
        return []
    moment, status = _written(newest["RestoreTimestamp"]), newest["RestoreStatus"]
    return [f"changes of the user pool are paused by a recovery to {moment}: {status}"]


def _stuck(status: str) -> InfraError:
    return InfraError(
        f"Cognito could not end the recovery ({status}). Changes of the user pool stay paused "
        "until AWS Support has corrected that: see the support case in the account."
    )


def _written(moment: datetime, *, up: bool = False) -> str:
    """Return the form that --to takes, in whole seconds."""
    whole = moment.astimezone(UTC).replace(microsecond=0)
    if up and moment.microsecond:
        whole += timedelta(seconds=1)
    return f"{whole:%Y-%m-%dT%H:%M:%SZ}"
