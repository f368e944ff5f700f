"""The function of test_snapshot.py, which also says what its process has."""

from __future__ import annotations

import json
import os
import random
import secrets
from typing import Any

# In this order: the first one notes what the others do, and the second one sets Django up.
from tests.project.aws_lambda import connections  # isort: skip
from project import lambda_entry  # isort: skip
from django.db import connection

from accounts import process

STATE = process.current


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer an event of a gateway, or say what this process has."""
    if "probe" not in event:
        return lambda_entry.handler(event, context)
    totals = process.current.metrics.totals()
    return {
        "has the state of the snapshot": process.current is STATE,
        "knows keys": "verification" in vars(process.current),
        "revocations are complete": process.current.revocations.is_complete,
        "is connected": connection.connection is not None,
        "connections so far": connections.MADE,
        "process": os.getpid(),
        "pseudorandom": random.random(),
        "random": secrets.token_hex(),
        "counts": {metric.name: total[0] for (metric, _), total in totals.items()},
    }


class Context:
    aws_request_id = "before-the-snapshot"


# A process serves no request before its snapshot. The function of the test does, to have everything
# in memory that must not survive.
SERVED = [handler(event, Context()) for event in json.loads(os.environ["SERVED_BEFORE"])]
