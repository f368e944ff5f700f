"""Secrets of app clients: up to two at once.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html
"""

from __future__ import annotations

from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.ministack_pools import Record
from local_cognito.aws.service_errors import InvalidParameter, NotFound, ServiceError
from local_cognito.aws.tokens import client_secrets


def add_secret(request: Request, context: Context) -> Answer:
    pool, client = _confidential(request, context)
    with context.lock:
        if len(client_secrets.described(pool, client)) >= client_secrets.MAXIMUM:
            raise ServiceError("LimitExceededException", "The app client has two secrets already.")
        given = request.get("ClientSecret")
        value = given or client_secrets.new_value()
        descriptor = client_secrets.add(pool, client, value, now=context.clock())
    # A secret that the caller has chosen is not repeated.
    shown = {} if given else {"ClientSecretValue": value}
    return {"ClientSecretDescriptor": descriptor | shown}


def list_secrets(request: Request, context: Context) -> Answer:
    pool, client = _confidential(request, context)
    return {"ClientSecrets": client_secrets.described(pool, client)}


def delete_secret(request: Request, context: Context) -> Answer:
    pool, client = _confidential(request, context)
    with context.lock:
        known = [one["ClientSecretId"] for one in client_secrets.described(pool, client)]
        if request["ClientSecretId"] not in known:
            raise NotFound("The app client has no such secret.")
        if len(known) == 1:
            raise InvalidParameter("The last secret of an app client cannot be deleted.")
        client_secrets.delete(pool, client, request["ClientSecretId"])
    return {}


def _confidential(request: Request, context: Context) -> tuple[Record, Record]:
    pool = context.pools.pool(request["UserPoolId"])
    client = context.pools.client(pool, request["ClientId"])
    if not client.get("ClientSecret"):
        raise InvalidParameter("The app client is public: it has no secret.")
    return pool, client
