"""The import jobs of a pool, which survive a restart. An uploaded file does not."""

from __future__ import annotations

import contextvars
import logging
import re
import secrets
import string
import threading

from local_cognito.aws.context import Context
from local_cognito.aws.ministack_pools import Record, own
from local_cognito.aws.service_errors import NotFound, ServiceError
from local_cognito.aws.user_import import rows
from local_cognito.aws.user_import.log import Log

logger = logging.getLogger(__name__)

# https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html
MAXIMUM_JOBS = 1000
MAXIMUM_USERS = 500_000
# AWS takes 100 MB.
MAXIMUM_FILE_BYTES = 20_000_000
MAXIMUM_LINE_CHARACTERS = 16_000
UPLOAD_SECONDS = 15 * 60
EXPIRY_SECONDS = 24 * 60 * 60

# A comma inside a value has a backslash before it. Quotation marks have no meaning.
# https://docs.aws.amazon.com/cognito/latest/developerguide/
# cognito-user-pools-using-import-tool-csv-header.html
_SEPARATOR = re.compile(r"(?<!\\),")

_ALPHABET = string.ascii_letters + string.digits
_RUNNING = {"Pending", "InProgress"}

# The files by the secret part of their address, until their jobs start.
_files: dict[str, bytes] = {}


def create(
    context: Context, pool: Record, *, name: str, role: str, algorithm: str | None
) -> Record:
    jobs = _all(pool)
    if len(jobs) >= MAXIMUM_JOBS:
        raise ServiceError("LimitExceededException", "The user pool has too many import jobs.")
    job: Record = {
        "JobName": name,
        "JobId": "import-" + "".join(secrets.choice(_ALPHABET) for _ in range(10)),
        "UserPoolId": pool["Id"],
        "CreationDate": context.clock(),
        "Status": "Created",
        "CloudWatchLogsRoleArn": role,
        "ImportedUsers": 0,
        "SkippedUsers": 0,
        "FailedUsers": 0,
        "_upload": secrets.token_urlsafe(32),
    }
    if algorithm is not None:
        job["PasswordHashingAlgorithm"] = algorithm
    jobs[job["JobId"]] = job
    return job


def find(context: Context, pool: Record, job_id: str) -> Record:
    """Raises NotFound."""
    job: Record | None = _all(pool).get(job_id)
    if job is None:
        raise NotFound("The import job does not exist.")
    if job["Status"] == "Created" and context.clock() - job["CreationDate"] > EXPIRY_SECONDS:
        _end(context, job, "Expired", "")
    return job


def newest_first(context: Context, pool: Record) -> list[Record]:
    known = [find(context, pool, job_id) for job_id in list(_all(pool))]
    return sorted(known, key=lambda job: job["CreationDate"], reverse=True)


def start(context: Context, pool: Record, job: Record) -> None:
    """Import the users in a thread. Raises ServiceError."""
    with context.lock:
        if job["Status"] != "Created":
            raise _precondition("The job was started, or has expired.")
        if any(other["Status"] in _RUNNING for other in _all(pool).values()):
            raise _precondition("Another import job of the user pool is running.")
        job |= {"Status": "InProgress", "StartDate": context.clock()}
    content = _files.pop(job["_upload"], None)
    # The context has the account and the region of the request, which the log needs.
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(_run, context, pool, job, content), daemon=True).start()


def stop(job: Record) -> None:
    if job["Status"] not in _RUNNING:
        raise _precondition("The job is not running.")
    job["Status"] = "Stopping"


def accept_upload(pools: list[Record], secret: str, content: bytes, *, now: float) -> bool:
    """Keep the file of a job that waits for it. Return whether there is one."""
    for pool in pools:
        for job in _all(pool).values():
            is_its = secrets.compare_digest(job["_upload"].encode(), secret.encode())
            if is_its and job["Status"] == "Created":
                if now - job["CreationDate"] > UPLOAD_SECONDS:
                    return False
                _files[secret] = content
                return True
    return False


def _run(context: Context, pool: Record, job: Record, content: bytes | None) -> None:
    try:
        message = _import(context, pool, job, content)
    except Exception as error:  # noqa: BLE001 - a thread has no one to raise it to
        logger.error("The import job failed: %s", type(error).__name__)  # noqa: TRY400
        message = "The_job_failed"
    if job["Status"] == "Stopping":
        _end(context, job, "Stopped", "The_job_was_stopped")
    else:
        _end(context, job, "Failed" if message else "Succeeded", message)


def _import(context: Context, pool: Record, job: Record, content: bytes | None) -> str:
    """Return why the job as a whole failed; empty if it did not."""
    if content is None:
        return "No_file_was_uploaded"
    log = Log(context, pool, job)
    try:
        lines = map(_values, re.split(r"\r?\n", content.decode()))
        columns = next(lines, [])
        if sorted(columns) not in _headers(pool):
            return "The_header_does_not_match_the_user_pool"
        for number, values in enumerate(lines):
            if job["Status"] == "Stopping" or number >= MAXIMUM_USERS:
                break
            if values == [""]:
                continue
            # The header is the first line.
            log.add(number + 2, *_import_line(context, pool, job, columns, values))
    except UnicodeDecodeError:
        return "The_file_is_not_valid_CSV"
    finally:
        log.write()
    return ""


def _values(line: str) -> list[str]:
    return [value.replace("\\,", ",").strip() for value in _SEPARATOR.split(line)]


def _headers(pool: Record) -> tuple[list[str], list[str]]:
    """Return the accepted columns: those of GetCSVHeader, and the same without the hash."""
    full = rows.header(pool)
    return sorted(full), sorted(name for name in full if name != rows.PASSWORD_HASH)


def _import_line(
    context: Context, pool: Record, job: Record, columns: list[str], values: list[str]
) -> tuple[str, str]:
    """Return the state of the line, and what the log says."""
    state, told = "SUCCEEDED", "The import succeeded."
    if len(values) != len(columns) or sum(map(len, values)) > MAXIMUM_LINE_CHARACTERS:
        state, told = "FAILED", "The line has another number of values, or is too long."
    else:
        row = dict(zip(columns, values, strict=True))
        try:
            rows.import_row(context, pool, job.get("PasswordHashingAlgorithm"), row)
        except rows.Known:
            state, told = "SKIPPED", "The user already exists."
        except rows.Unusable as reason:
            state, told = "FAILED", f"{reason}."
    counter = {"SUCCEEDED": "ImportedUsers", "SKIPPED": "SkippedUsers", "FAILED": "FailedUsers"}
    job[counter[state]] += 1
    return state, told


def _end(context: Context, job: Record, status: str, message: str) -> None:
    job |= {"Status": status, "CompletionDate": context.clock()}
    if message:
        job["CompletionMessage"] = message
    _files.pop(job["_upload"], None)


def _precondition(message: str) -> ServiceError:
    return ServiceError("PreconditionNotMetException", message)


def _all(pool: Record) -> dict[str, Record]:
    jobs: dict[str, Record] = own(pool).setdefault("import_jobs", {})
    return jobs
