"""Point-in-time recovery.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiatePointInTimeRecovery.html
"""

from __future__ import annotations

from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.ministack_pools import Record
from local_cognito.aws.recovery import restorations


def initiate(request: Request, context: Context) -> Answer:
    pool = context.pools.pool(request["UserPoolId"])
    with context.lock:
        restoration = restorations.initiate(context, pool, request["RestoreTimestamp"])
    return {"Restoration": restoration}


def describe(request: Request, context: Context) -> Answer:
    pool, restoration = _restoration(request, context)
    with context.lock:
        # The first answer shows the status that takes time on AWS.
        shown = dict(restoration)
        restorations.go_on(context, pool, restoration)
    return {"Restoration": shown}


def start(request: Request, context: Context) -> Answer:
    _, restoration = _restoration(request, context)
    with context.lock:
        restorations.start(restoration)
    return {"Restoration": dict(restoration)}


def cancel(request: Request, context: Context) -> Answer:
    _, restoration = _restoration(request, context)
    with context.lock:
        restorations.cancel(restoration)
    return {"Restoration": dict(restoration)}


def list_all(request: Request, context: Context) -> Answer:
    known = restorations.newest_first(context, context.pools.pool(request["UserPoolId"]))
    names = ("RestoreId", "RestoreStatus", "RestoreTimestamp")
    shown = [{name: one[name] for name in names} for one in known]
    return {"Restorations": shown[: request.get("MaxResults", len(shown) or 1)]}


def _restoration(request: Request, context: Context) -> tuple[Record, Record]:
    pool = context.pools.pool(request["UserPoolId"])
    return pool, restorations.find(context, pool, request["RestoreId"])
