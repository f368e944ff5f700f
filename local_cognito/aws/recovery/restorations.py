"""The recoveries of a pool, which survive a restart. Their versions do not.

Each one goes through the statuses of AWS. A preview and a recovery end at the next look at them,
because the local AWS does both at once.
"""

from __future__ import annotations

import uuid

from local_cognito.aws.context import Context
from local_cognito.aws.ministack_pools import Record, own
from local_cognito.aws.recovery import history
from local_cognito.aws.service_errors import InvalidParameter, NotFound, ServiceError

DAY = 24 * 60 * 60
# How far back each tier goes, and how old a recovery point must be.
_DAYS = {"ESSENTIALS": 1, "PLUS": 14}
_YOUNGEST_SECONDS = 15 * 60
_PREVIEWS_A_DAY, _PREVIEWS_A_MONTH, _COMPLETED_A_DAY = 3, 10, 1
_EXPIRY_SECONDS = DAY
_REMEMBERED = 60

_GENERATING, _GENERATED = "PREVIEW_GENERATING", "PREVIEW_GENERATED"
_RESTORING, _COMPLETED = "RESTORING", "RESTORE_COMPLETED"
_ACTIVE = frozenset({_GENERATING, _GENERATED, _RESTORING})


def initiate(context: Context, pool: Record, moment: float) -> Record:
    """Raises ServiceError."""
    now = context.clock()
    _require_tier(pool)
    days = _DAYS[pool.get("UserPoolTier", "ESSENTIALS")]
    if not now - days * DAY <= moment <= now - _YOUNGEST_SECONDS:
        raise InvalidParameter(
            f"RestoreTimestamp must be from 15 minutes to {days} days in the past."
        )
    if moment < pool["CreationDate"]:
        raise InvalidParameter("RestoreTimestamp is earlier than the creation of the user pool.")
    known = newest_first(context, pool)
    if any(one["RestoreStatus"] in _ACTIVE for one in known):
        raise ServiceError(
            "ConcurrentModificationException", "A recovery of the user pool is active."
        )
    for count, seconds, statuses in (
        (_PREVIEWS_A_DAY, DAY, None),
        (_PREVIEWS_A_MONTH, 30 * DAY, None),
        (_COMPLETED_A_DAY, DAY, {_COMPLETED}),
    ):
        recent = [one for one in known if now - one["TriggerTimestamp"] < seconds]
        if len([o for o in recent if statuses is None or o["RestoreStatus"] in statuses]) >= count:
            raise ServiceError(
                "LimitExceededException", "The user pool has too many recoveries or previews."
            )
    context.history.keep([pool], now, at_once=True)
    if context.history.version(pool, moment) is None:
        raise InvalidParameter(
            "The user pool cannot be recovered to this time: the local AWS knows changes since its "
            f"last start, of pools with up to {history.MAXIMUM_USERS} users."
        )
    restoration: Record = {
        "RestoreId": str(uuid.uuid4()),
        "RestoreStatus": _GENERATING,
        "RestoreTimestamp": moment,
        "TriggerTimestamp": now,
    }
    all_of(pool)[restoration["RestoreId"]] = restoration
    for one in known[_REMEMBERED - 1 :]:
        del all_of(pool)[one["RestoreId"]]
    return dict(restoration)


def find(context: Context, pool: Record, restore_id: str) -> Record:
    """Return the recovery as it was at the last look. Raises NotFound."""
    restoration: Record | None = all_of(pool).get(restore_id)
    if restoration is None:
        raise NotFound("The recovery does not exist.")
    _expire(context, restoration)
    return restoration


def go_on(context: Context, pool: Record, restoration: Record) -> None:
    """Let the recovery reach its next status, if nothing waits for a request."""
    version = context.history.version(pool, restoration["RestoreTimestamp"])
    if restoration["RestoreStatus"] == _GENERATING:
        if version is None:
            restoration["RestoreStatus"] = "PREVIEW_GENERATION_FAILED"
        else:
            restoration["RestorePreview"] = history.counts(pool, version)
            restoration["RestoreStatus"] = _GENERATED
    elif restoration["RestoreStatus"] == _RESTORING:
        if version is None:
            restoration["RestoreStatus"] = "AWS_ABORTED"
            return
        pool["_users"], pool["_groups"] = history.restored(pool, version)
        pool["EstimatedNumberOfUsers"] = len(pool["_users"])
        restoration["RestoreStatus"] = _COMPLETED
        context.history.note_change(context.clock())


def start(restoration: Record) -> None:
    if restoration["RestoreStatus"] != _GENERATED:
        raise InvalidParameter("The recovery has no preview that can be applied.")
    restoration["RestoreStatus"] = _RESTORING


def cancel(restoration: Record) -> None:
    if restoration["RestoreStatus"] not in {_GENERATING, _GENERATED}:
        raise InvalidParameter("The recovery cannot be cancelled any more.")
    restoration["RestoreStatus"] = "PREVIEW_CANCELLED"


def newest_first(context: Context, pool: Record) -> list[Record]:
    known = [find(context, pool, restore_id) for restore_id in list(all_of(pool))]
    return sorted(known, key=lambda one: one["TriggerTimestamp"], reverse=True)


def is_active(context: Context, pool: Record) -> bool:
    return any(
        find(context, pool, restore_id)["RestoreStatus"] in _ACTIVE
        for restore_id in list(all_of(pool))
    )


def all_of(pool: Record) -> dict[str, Record]:
    known: dict[str, Record] = own(pool).setdefault("restorations", {})
    return known


def _expire(context: Context, restoration: Record) -> None:
    is_old = context.clock() - restoration["TriggerTimestamp"] > _EXPIRY_SECONDS
    if is_old and restoration["RestoreStatus"] in {_GENERATING, _GENERATED}:
        restoration["RestoreStatus"] = "PREVIEW_EXPIRED"


def _require_tier(pool: Record) -> None:
    if pool.get("UserPoolTier", "ESSENTIALS") not in _DAYS:
        raise ServiceError(
            "FeatureUnavailableInTierException", "Recovery needs the tier Essentials or Plus."
        )
