"""The log of an import job in CloudWatch, with a line for each user.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool-cloudwatch.html
"""
# ruff: noqa: SLF001

from __future__ import annotations

from local_cognito.aws.context import Context
from local_cognito.aws.ministack_pools import Record

_LINES_AT_ONCE = 1000


class Log:
    def __init__(self, context: Context, pool: Record, job: Record) -> None:
        from ministack.services import cloudwatch_logs  # noqa: PLC0415 - not in tests

        self._service, self._clock = cloudwatch_logs, context.clock
        self._stream = {
            "logGroupName": f"/aws/cognito/userpools/{pool['Id']}/{pool['Name']}",
            "logStreamName": f"{job['JobId']}/{job['JobName']}",
        }
        self._lines: list[str] = []
        # It answers an error if another job has created the group.
        cloudwatch_logs._create_log_group({"logGroupName": self._stream["logGroupName"]})
        cloudwatch_logs._create_log_stream(self._stream)

    def add(self, number: int, state: str, told: str) -> None:
        self._lines.append(f"[{state}] Line Number {number} - {told}")
        if len(self._lines) >= _LINES_AT_ONCE:
            self.write()

    def write(self) -> None:
        if not self._lines:
            return
        moment = int(self._clock() * 1000)
        events = [{"timestamp": moment, "message": line} for line in self._lines]
        self._service._put_log_events({**self._stream, "logEvents": events})
        self._lines = []
