"""Import jobs.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserImportJob.html
"""

from __future__ import annotations

import os

from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.ministack_pools import Record
from local_cognito.aws.service_errors import InvalidParameter
from local_cognito.aws.user_import import jobs, rows, uploads


def get_csv_header(request: Request, context: Context) -> Answer:
    pool = context.pools.pool(request["UserPoolId"])
    return {"UserPoolId": pool["Id"], "CSVHeader": rows.header(pool)}


def create_job(request: Request, context: Context) -> Answer:
    job = jobs.create(
        context,
        context.pools.pool(request["UserPoolId"]),
        name=request["JobName"],
        role=request["CloudWatchLogsRoleArn"],
        algorithm=request.get("PasswordHashingAlgorithm"),
    )
    return {"UserImportJob": _shown(job)}


def describe_job(request: Request, context: Context) -> Answer:
    return {"UserImportJob": _shown(_job(request, context))}


def list_jobs(request: Request, context: Context) -> Answer:
    known = jobs.newest_first(context, context.pools.pool(request["UserPoolId"]))
    start = request.get("PaginationToken", "0")
    if not (start.isascii() and start.isdigit()):
        raise InvalidParameter("Invalid pagination token.")
    end = int(start) + request["MaxResults"]
    # AWS leaves out an empty list.
    shown = [_shown(job) for job in known[int(start) : end]]
    answer: Answer = {"UserImportJobs": shown} if shown else {}
    if end < len(known):
        answer["PaginationToken"] = str(end)
    return answer


def start_job(request: Request, context: Context) -> Answer:
    job = _job(request, context)
    jobs.start(context, context.pools.pool(request["UserPoolId"]), job)
    return {"UserImportJob": _shown(job)}


def stop_job(request: Request, context: Context) -> Answer:
    job = _job(request, context)
    jobs.stop(job)
    return {"UserImportJob": _shown(job)}


def _job(request: Request, context: Context) -> Record:
    pool = context.pools.pool(request["UserPoolId"])
    return jobs.find(context, pool, request["JobId"])


def _shown(job: Record) -> Record:
    shown = {name: value for name, value in job.items() if not name.startswith("_")}
    if job["Status"] == "Created":
        address = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"
        shown["PreSignedUrl"] = f"{address}{uploads.PREFIX}{job['_upload']}"
    return shown
