"""EventBridge, with limits.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django.conf import settings

from accounts.audit.stream.schema import entry
from accounts.models import AuditEvent

logger = logging.getLogger(__name__)

# What one call takes.
BATCH: Final = 10
MAX_BYTES: Final = 262_144
# The bus refuses single entries of a batch while it is busy.
_ATTEMPTS = 3
_PAUSE_SECONDS = 0.5
_CONNECT_SECONDS, _READ_SECONDS = 2, 5


class BusUnavailable(Exception):
    """The bus did not take an event. The text has the code of the error, and no event."""


@dataclass
class Bus:
    """The event bus of AUDIT_EVENT_BUS: a name, or an ARN."""

    name: str = field(default_factory=lambda: settings.AUDIT_EVENT_BUS)

    def put(self, events: Sequence[AuditEvent]) -> int:
        """Send up to BATCH events. Return how many of the first ones the bus has.

        Raises:
            BusUnavailable: the bus did not take the first event.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 # cold start

        entries = _fitting([entry(event, bus=self.name) for event in events])
        # The positions of the entries that the bus does not have yet.
        missing = list(range(len(entries)))
        reason = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(_PAUSE_SECONDS * attempt)
            try:
                answer = self._client.put_events(Entries=[entries[place] for place in missing])
            except (BotoCoreError, ClientError) as error:
                # The texts of botocore quote parameters.
                reason = _code(error)
                break
            codes = [one.get("ErrorCode", "") for one in answer["Entries"]]
            reason = next(filter(None, codes), "")
            missing = [place for place, code in zip(missing, codes, strict=True) if code]
            if not missing:
                return len(entries)
        if missing[0] == 0:
            raise BusUnavailable(reason)
        logger.warning("The event bus did not take all audit events: %s", reason)
        return missing[0]

    @cached_property
    def _client(self) -> Any:
        import boto3  # noqa: PLC0415 # no request needs it
        from botocore.config import Config  # noqa: PLC0415 # as above

        return boto3.client(
            "events",
            region_name=settings.COGNITO_REGION,
            endpoint_url=settings.AWS_ENDPOINT_URL,
            config=Config(
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
                retries={"total_max_attempts": 1},
            ),
        )


def _fitting(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first entries whose sizes together are within the limit of a call."""
    size, count = 0, 0
    for one in entries:
        # As AWS counts: 14 bytes of a time, and the texts in UTF-8.
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
        texts = (one["Source"], one["DetailType"], one["Detail"])
        size += 14 + sum(len(text.encode()) for text in texts)
        if count and size > MAX_BYTES:
            break
        count += 1
    return entries[:count]


def _code(error: Exception) -> str:
    answer = getattr(error, "response", None) or {}
    return str(answer.get("Error", {}).get("Code") or type(error).__name__)[:64]
