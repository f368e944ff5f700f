"""Secrets of app clients. A client has up to two, so that they can be replaced without a pause.

MiniStack keeps one of them in the client (`ClientSecret`), and compares it itself. The other one is
ours. `install` lets MiniStack accept it too.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html
"""
# ruff: noqa: SLF001

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import string
from collections.abc import Iterator, Mapping
from typing import Any

from local_cognito.aws.ministack_pools import MiniStackPools, Record, attributes, own
from local_cognito.aws.service_errors import NotAuthorized

MAXIMUM = 2

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 52


def new_value() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def values(pool: Record, client: Record) -> list[str]:
    """Return the valid secrets; none for a public client."""
    first = client.get("ClientSecret")
    return [first, *(secret["value"] for secret in _kept(pool, client)["added"])] if first else []


def described(pool: Record, client: Record) -> list[Record]:
    """Return the secrets as the API shows them: without their values."""
    kept = _kept(pool, client)
    first = {"id": kept["first_id"], "created": kept["first_created"]}
    return [_descriptor(one) for one in (first, *kept["added"])]


def add(pool: Record, client: Record, value: str, *, now: float) -> Record:
    kept = _kept(pool, client)
    known = {kept["first_id"], *(one["id"] for one in kept["added"])}
    moment = int(now)
    while (identity := f"{client['ClientId']}--{moment}") in known:
        moment += 1
    added = {"id": identity, "value": value, "created": now}
    kept["added"].append(added)
    return _descriptor(added)


def delete(pool: Record, client: Record, secret_id: str) -> None:
    """Delete one of two secrets."""
    kept = _kept(pool, client)
    if secret_id == kept["first_id"]:
        [next_one] = kept["added"]
        client["ClientSecret"] = next_one["value"]
        kept |= {"first_id": next_one["id"], "first_created": next_one["created"]}
    kept["added"] = []


def matches(pool: Record, client: Record, secret: str) -> bool:
    """Return whether this is a secret of the client. A public client has the empty one."""
    found = [
        hmac.compare_digest(value.encode(), secret.encode())
        for value in values(pool, client) or [""]
    ]
    return any(found)


def require(pool: Record, client: Record, secret: str) -> None:
    """Raises NotAuthorized if the client has secrets and this is another text."""
    if values(pool, client) and not matches(pool, client, secret):
        raise NotAuthorized("Unable to verify the secret of the client.")


def secret_hash(secret: str, username: str, client_id: str) -> str:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html"""
    digest = hmac.digest(secret.encode(), (username + client_id).encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


def install(cognito: Any, pools: MiniStackPools) -> None:
    """Let MiniStack accept the added secret where it accepts its own."""
    validate, authenticate = cognito._validate_client_secret_hash, cognito._authenticate_client

    def validate_either(action: str, request: Record) -> Any:
        error = validate(action, request)
        return validate(action, _with_own_hash(pools, action, request)) if error else None

    def authenticate_either(headers: Any, form: Any) -> tuple[str, str]:
        client_id, secret = authenticate(headers, form)
        _, pool, client = cognito._find_pool_by_client_id(client_id)
        if client and client.get("ClientSecret") and matches(pool, client, secret):
            secret = client["ClientSecret"]
        return client_id, secret

    # MiniStack's own have characters that the service model forbids.
    cognito._client_secret = new_value
    cognito._validate_client_secret_hash = validate_either
    cognito._authenticate_client = authenticate_either


def _with_own_hash(pools: MiniStackPools, action: str, request: Record) -> Record:
    """Replace the hash of an added secret by that of MiniStack's own secret."""
    member = pools.cognito._SECRET_HASH_PARAMETERS.get(action)
    pool, _ = pools.cognito._pool_for_client(request.get("ClientId"))
    if member is None or pool is None:
        return request
    client = pool["_clients"][request["ClientId"]]
    parameters: Mapping[str, Any] = request.get(member, {}) if member else request
    name = "SECRET_HASH" if member else "SecretHash"
    for username in _names(pools, pool, parameters, "USERNAME" if member else "Username"):
        for secret in values(pool, client)[1:]:
            given = str(parameters.get(name))
            if hmac.compare_digest(
                secret_hash(secret, username, client["ClientId"]).encode(), given.encode()
            ):
                own_hash = secret_hash(client["ClientSecret"], username, client["ClientId"])
                changed = {**parameters, name: own_hash}
                return {**request, member: changed} if member else changed
    return request


def _names(
    pools: MiniStackPools, pool: Record, parameters: Mapping[str, Any], member: str
) -> Iterator[str]:
    """Return the user names that a hash may be of."""
    typed = parameters.get(member)
    if isinstance(typed, str):
        yield typed
    token = parameters.get("REFRESH_TOKEN")
    if isinstance(token, str):
        subject = pools.unverified_claims(token).get("sub")
        user = pools.find_user(pool, subject) if isinstance(subject, str) else None
        if user:
            yield from (attributes(user)["sub"], user["Username"])


def _kept(pool: Record, client: Record) -> Record:
    """Return what we keep of a client's secrets, without those of deleted clients."""
    known: dict[str, Record] = own(pool).setdefault("client_secrets", {})
    for client_id in [client_id for client_id in known if client_id not in pool["_clients"]]:
        del known[client_id]
    created = client.get("CreationDate", 0.0)
    first_id = f"{client['ClientId']}--{int(created)}"
    return known.setdefault(
        client["ClientId"], {"first_id": first_id, "first_created": created, "added": []}
    )


def _descriptor(secret: Record) -> Record:
    return {"ClientSecretId": secret["id"], "ClientSecretCreateDate": secret["created"]}
