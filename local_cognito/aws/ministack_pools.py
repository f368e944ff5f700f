"""MiniStack's user pools, app clients and users.

Only this module, and the patches that `python -m local_cognito.aws` applies, know how MiniStack
works inside: its functions are private and have no types. Their tests fail if a new version of
MiniStack changes them.

A pool, an app client and a user are dictionaries, which MiniStack saves when it stops and deletes
with the pool or the user. Keys that begin with an underscore are in no answer. See `own()`.
"""
# ruff: noqa: SLF001

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from local_cognito.aws.service_errors import NotFound, ServiceError, UserNotFound

# One of MiniStack's dictionaries.
Record = dict[str, Any]

OWN = "_local_cognito"
# MiniStack's functions of these actions are not named after them.
_FUNCTIONS = {
    "TagResource": "_idp_tag_resource",
    "UntagResource": "_idp_untag_resource",
    "ListTagsForResource": "_idp_list_tags_for_resource",
}


def own(record: Record) -> Record:
    """Return what we keep with a pool or a user, a dictionary of JSON values.

    It survives a restart of the stack, and disappears with the pool or the user. Keep it small:
    each list needs a maximum.
    """
    kept: Record = record.setdefault(OWN, {})
    return kept


def attributes(user: Record) -> dict[str, str]:
    return {attribute["Name"]: attribute["Value"] for attribute in user["Attributes"]}


def set_attributes(user: Record, changes: Mapping[str, str]) -> None:
    merged = {**attributes(user), **changes}
    user["Attributes"] = [{"Name": name, "Value": value} for name, value in merged.items()]


class MiniStackPools:
    """The user pools in MiniStack's module `ministack.services.cognito`."""

    def __init__(self, cognito: Any) -> None:
        self.cognito = cognito

    def pool(self, user_pool_id: str) -> Record:
        """Raises NotFound."""
        pool: Record | None = self.cognito._user_pools.get(user_pool_id)
        if pool is None:
            raise NotFound(f"User pool {user_pool_id} does not exist.")
        return pool

    def client(self, pool: Record, client_id: str) -> Record:
        """Raises NotFound."""
        client: Record | None = pool["_clients"].get(client_id)
        if client is None:
            raise NotFound(f"User pool client {client_id} does not exist.")
        return client

    def pool_of_client(self, client_id: str) -> tuple[Record, Record]:
        """Return the pool of an app client, and the client. Raises NotFound."""
        pool, _ = self.cognito._pool_for_client(client_id)
        if pool is None:
            raise NotFound(f"User pool client {client_id} does not exist.")
        return pool, pool["_clients"][client_id]

    def find_user(self, pool: Record, name: str) -> Record | None:
        """Find a user by the user name, an alias such as the e-mail address, or the `sub`."""
        user: Record | None = self.cognito._resolve_user(pool, name)[0]
        return user

    def user(self, pool: Record, name: str) -> Record:
        """Raises UserNotFound."""
        user = self.find_user(pool, name)
        if user is None:
            raise UserNotFound
        return user

    def signed_in(self, access_token: str) -> tuple[Record, Record]:
        """Return the pool and the user of a token that the dispatcher has verified.

        Raises UserNotFound.
        """
        claims = self.unverified_claims(access_token)
        pool = self.pool(str(claims.get("iss", "")).rpartition("/")[2])
        user: Record | None = pool["_users"].get(claims.get("username"))
        if user is None:
            raise UserNotFound
        return pool, user

    def refreshing_user(self, pool: Record, client: Record, refresh_token: str) -> Record:
        """Return the user of a refresh token of this client. Raises ServiceError."""
        user: Record
        user, error = self.cognito._refresh_auth_user(
            pool, pool["Id"], client["ClientId"], refresh_token
        )
        if error:
            raise _error(error)
        return user

    def unverified_claims(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a JWT; empty if it is none."""
        claims: Mapping[str, Any] = self.cognito._token_claims(token)
        return claims

    def call(self, action: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer of MiniStack's own operation. Raises ServiceError."""
        name = _FUNCTIONS.get(action, re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", action).lower())
        function = getattr(self.cognito, name if name.startswith("_") else f"_{name}")
        raw = function(dict(request))
        if raw[0] != HTTPStatus.OK:
            raise _error(raw)
        answer: dict[str, Any] = json.loads(raw[2] or b"{}")
        return answer

    def require_access_token(self, token: str) -> None:
        """Raises ServiceError if a token is no valid access token for the user pool's API."""
        error = self.cognito._access_token_error({"AccessToken": token})
        if error:
            raise _error(error)

    def has_iam_credentials(self) -> bool:
        """Return whether the request at hand is signed with AWS credentials."""
        from ministack.core import iam_evaluator  # noqa: PLC0415 - only MiniStack's environment has it

        return not iam_evaluator._anonymous.get()

    def require_password(self, pool: Record, password: str) -> None:
        """Raises ServiceError if a password breaks the pool's rules."""
        error = self.cognito._validate_password(pool, password)
        if error:
            raise _error(error)

    def new_totp_secret(self) -> str:
        """Return a secret for an authenticator app, in base32."""
        return base64.b32encode(secrets.token_bytes(20)).decode()

    def hides_user_existence(self, client: Record) -> bool:
        """https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html"""
        return bool(client.get("PreventUserExistenceErrors") == "ENABLED")

    def mail(self, pool: Record, to: str, *, subject: str, text: str, kind: str) -> None:
        """Send a message, which the mailbox of the local hosted UI shows.

        `to` is an e-mail address. A text message goes to `sms:+441632960000`.
        """
        self.cognito._deliver_cognito_email(pool, to, subject, text, type_name=kind)


def _error(raw: tuple[int, Mapping[str, str], bytes]) -> ServiceError:
    """Translate an error in MiniStack's form."""
    status, _, body = raw
    answer = json.loads(body or b"{}")
    return ServiceError(
        answer.get("__type", "InternalErrorException"),
        answer.get("message", ""),
        status=HTTPStatus(status),
    )
