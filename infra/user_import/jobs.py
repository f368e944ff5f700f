"""Import jobs of a user pool: create, upload, start, watch.

A pool runs one job at a time. A job goes on when this process is killed; the next run waits for it.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserImportJob.html
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from botocore.exceptions import ClientError

from infra.errors import InfraError

_ACTIVE = {"Pending", "InProgress", "Stopping"}
_UPLOAD_SECONDS = 600
# How long AWS may take until a new role can be used.
_ROLE_SECONDS = 60
# Cognito ends a job after a day.
_JOB_SECONDS = 25 * 60 * 60
# How often another process may start its job first.
_STARTS = 10
# How often a running job reports its progress.
_PROGRESS_SECONDS = 15.0
_LINE = re.compile(r"\[(SUCCEEDED|SKIPPED|FAILED)\] Line Number (\d+) - (.{0,300})")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Attributes:
        reasons: the reason of each line that failed or was skipped, by the number of the line as
            Cognito counts; empty if the log of the job is not readable.
    """

    imported: int
    skipped: int
    failed: int
    reasons: dict[int, str] = field(default_factory=dict)


class Jobs:
    """The import jobs of a pool.

    Args:
        cognito, logs: clients of boto3, whose types lack the newest members.
        role: the ARN of the role with which Cognito writes the log of a job.
    """

    def __init__(
        self,
        cognito: Any,
        logs: Any,
        *,
        user_pool_id: str,
        role: str,
        progress: Progress,
        poll_seconds: float = 2.0,
    ) -> None:
        self._cognito, self._logs = cognito, logs
        self._pool, self._role = user_pool_id, role
        self._progress, self._poll_seconds = progress, poll_seconds

    def wait_for_others(self) -> None:
        """Wait for a job that an earlier run has started."""
        for job in self._all():
            if job["Status"] in _ACTIVE:
                self._progress(f"waiting for the job {job['JobName']}, which runs already")
                self._wait(job["JobId"])

    def run(self, name: str, algorithm: str, content: bytes) -> Outcome:
        """Import the users of a file. Raises InfraError if the whole job fails."""
        job = self._create(name, algorithm)
        _upload(job["PreSignedUrl"], content)
        self._start(job["JobId"])
        job = self._wait(job["JobId"])
        if job["Status"] != "Succeeded":
            reason = job.get("CompletionMessage", "no reason given").replace("_", " ")
            raise InfraError(f"The job {name} ended as {job['Status']}: {reason}.")
        return Outcome(
            job.get("ImportedUsers", 0),
            job.get("SkippedUsers", 0),
            job.get("FailedUsers", 0),
            self._reasons(job) if job.get("SkippedUsers") or job.get("FailedUsers") else {},
        )

    def _create(self, name: str, algorithm: str) -> Any:
        deadline = time.monotonic() + _ROLE_SECONDS
        while True:
            try:
                return self._cognito.create_user_import_job(
                    JobName=name,
                    UserPoolId=self._pool,
                    CloudWatchLogsRoleArn=self._role,
                    PasswordHashingAlgorithm=algorithm,
                )["UserImportJob"]
            except ClientError as error:
                is_about_role = "role" in error.response["Error"].get("Message", "").lower()
                if not is_about_role or time.monotonic() > deadline:
                    raise
            time.sleep(self._poll_seconds)

    def _start(self, job_id: str) -> None:
        """Start a job, after a job that another process has started meanwhile."""
        for _ in range(_STARTS):
            try:
                self._cognito.start_user_import_job(UserPoolId=self._pool, JobId=job_id)
            except self._cognito.exceptions.PreconditionNotMetException:
                self.wait_for_others()
                time.sleep(self._poll_seconds)
            else:
                return
        raise InfraError("Other import jobs of the user pool are running. Repeat the command.")

    def _wait(self, job_id: str) -> Any:
        told_at = time.monotonic()
        deadline = told_at + _JOB_SECONDS
        while True:
            job = self._cognito.describe_user_import_job(UserPoolId=self._pool, JobId=job_id)[
                "UserImportJob"
            ]
            if job["Status"] not in _ACTIVE:
                return job
            if time.monotonic() > deadline:
                raise InfraError(f"The job {job['JobName']} did not end in a day. Stop it on AWS.")
            if time.monotonic() - told_at >= _PROGRESS_SECONDS:
                done = sum(job.get(f"{kind}Users", 0) for kind in ("Imported", "Skipped", "Failed"))
                self._progress(f"{job['JobName']}: {done} done")
                told_at = time.monotonic()
            time.sleep(self._poll_seconds)

    def _all(self) -> Iterator[Any]:
        more: dict[str, Any] = {}
        while True:
            answer = self._cognito.list_user_import_jobs(
                UserPoolId=self._pool, MaxResults=60, **more
            )
            yield from answer.get("UserImportJobs", [])
            if not answer.get("PaginationToken"):
                return
            more = {"PaginationToken": answer["PaginationToken"]}

    def _reasons(self, job: Any) -> dict[int, str]:
        """Read the log of the job, which is named after its pool."""
        described = self._cognito.describe_user_pool(UserPoolId=self._pool)["UserPool"]
        stream = {
            "logGroupName": f"/aws/cognito/userpools/{self._pool}/{described['Name']}",
            "logStreamNames": [f"{job['JobId']}/{job['JobName']}"],
        }
        reasons = {}
        try:
            for page in self._logs.get_paginator("filter_log_events").paginate(**stream):
                for event in page["events"]:
                    found = _LINE.search(event["message"])
                    if found and found[1] != "SUCCEEDED":
                        reasons[int(found[2])] = found[3].strip()
        except ClientError:
            self._progress("the log of the job is not readable, so some reasons are missing")
        return reasons


def _upload(url: str, content: bytes) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in {"localhost", "127.0.0.1"}:
        raise InfraError("Cognito gave an address without TLS, to which no hashes are sent.")
    try:
        answer = requests.put(
            url,
            data=content,
            # Cognito's bucket accepts nothing else.
            headers={"x-amz-server-side-encryption": "aws:kms"},
            timeout=_UPLOAD_SECONDS,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        # The text of the error contains the address, which is a secret.
        raise InfraError(
            f"The upload failed: {type(error).__name__}. Repeat the command."
        ) from None
    if answer.status_code != HTTPStatus.OK:
        raise InfraError(f"The upload was answered with {answer.status_code}. Repeat the command.")
