"""Register, list and delete passkeys.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_StartWebAuthnRegistration.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CompleteWebAuthnRegistration.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.ministack_pools import Record, attributes
from local_cognito.aws.service_errors import InvalidParameter, NotFound
from local_cognito.aws.webauthn.errors import (
    AlreadyRegistered,
    ChallengeNotFound,
    ClientMismatch,
    TooManyPasskeys,
)
from local_cognito.aws.webauthn.options import CHALLENGE_SECONDS, creation_options
from local_cognito.aws.webauthn.passkey import Passkey
from local_cognito.aws.webauthn.user_pool import keep, passkeys_of, relying_party
from local_cognito.expiring_store import ExpiringStore

# https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
MAXIMUM_PASSKEYS = 20


@dataclass(frozen=True)
class Registration:
    """A registration that a user has started with an app client."""

    user_pool_id: str
    sub: str
    client_id: str


# The keys of this store are the challenges: random, valid for a limited time, and only once.
_registrations = ExpiringStore[Registration](seconds=CHALLENGE_SECONDS)


def start_registration(request: Request, context: Context) -> Answer:
    pool, user = context.pools.signed_in(request["AccessToken"])
    return {"CredentialCreationOptions": start(pool, user, _client_id(request, context))}


def complete_registration(request: Request, context: Context) -> Answer:
    pool, user = context.pools.signed_in(request["AccessToken"])
    complete(context, pool, user, _client_id(request, context), request["Credential"])
    return {}


def start(pool: Record, user: Record, client_id: str) -> dict[str, Any]:
    """Return the options for a new passkey, whose registration this app client completes."""
    party = relying_party(pool)
    passkeys = _passkeys_with_room(user)
    known = attributes(user)
    return creation_options(
        party,
        challenge=_registrations.put(Registration(pool["Id"], known["sub"], client_id)),
        user_handle=known["sub"],
        # In a pool whose users sign in by e-mail address, the user name is the `sub`, which would
        # say nothing in the browser's list of passkeys.
        username=known.get("email") or user["Username"],
        passkeys=passkeys,
    )


def complete(
    context: Context, pool: Record, user: Record, client_id: str, credential: Mapping[str, Any]
) -> None:
    """Register the passkey of a response to the options of `start`. Raises ServiceError."""
    from local_cognito.aws.webauthn import ceremonies  # noqa: PLC0415 - see there

    party = relying_party(pool)
    # First, because SDKs repeat a request that exceeds a limit, and the challenge is valid once.
    _passkeys_with_room(user)
    challenge = ceremonies.challenge_in(credential)
    started = _registrations.pop(challenge)
    owner = (pool["Id"], attributes(user)["sub"])
    if started is None or (started.user_pool_id, started.sub) != owner:
        raise ChallengeNotFound
    if started.client_id != client_id:
        raise ClientMismatch
    passkey = ceremonies.verify_registration(
        credential, party, challenge=challenge, now=context.clock()
    )
    with context.lock:
        passkeys = _passkeys_with_room(user)
        if any(
            known.credential_id == passkey.credential_id
            for other in list(pool["_users"].values())
            for known in passkeys_of(other)
        ):
            raise AlreadyRegistered
        keep(user, [*passkeys, passkey])


def list_passkeys(request: Request, context: Context) -> Answer:
    _, user = context.pools.signed_in(request["AccessToken"])
    passkeys = passkeys_of(user)
    size = request.get("MaxResults") or MAXIMUM_PASSKEYS
    start = 0
    # The token is the id of the last passkey on the page before.
    if token := request.get("NextToken"):
        ids = [passkey.credential_id for passkey in passkeys]
        if token not in ids:
            raise InvalidParameter("Invalid pagination token.")
        start = ids.index(token) + 1
    shown = passkeys[start : start + size]
    answer: Answer = {"Credentials": [passkey.description() for passkey in shown]}
    if start + size < len(passkeys):
        answer["NextToken"] = shown[-1].credential_id
    return answer


def delete_passkey(request: Request, context: Context) -> Answer:
    _, user = context.pools.signed_in(request["AccessToken"])
    with context.lock:
        passkeys = passkeys_of(user)
        kept = [each for each in passkeys if each.credential_id != request["CredentialId"]]
        if len(kept) == len(passkeys):
            raise NotFound("The user has no such passkey.")
        keep(user, kept)
    return {}


def _passkeys_with_room(user: Record) -> list[Passkey]:
    """Return the user's passkeys. Raises TooManyPasskeys."""
    passkeys = passkeys_of(user)
    if len(passkeys) >= MAXIMUM_PASSKEYS:
        raise TooManyPasskeys
    return passkeys


def _client_id(request: Request, context: Context) -> str:
    return str(context.pools.unverified_claims(request["AccessToken"]).get("client_id", ""))
