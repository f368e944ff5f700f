"""Passkeys at the local hosted UI. AWS has no such operations: see `hosted_ui`.

At the API, users must give their name before they use a passkey. The hosted UI also lets the
browser offer passkeys (conditional mediation), and learns the name from the passkey.
"""

from __future__ import annotations

from dataclasses import dataclass

from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.ministack_pools import Record, attributes
from local_cognito.aws.operations import passkeys
from local_cognito.aws.operations.hosted_ui import text
from local_cognito.aws.service_errors import NotAuthorized
from local_cognito.aws.sign_in import factors, flow
from local_cognito.aws.tokens import hosted_sessions, issuing
from local_cognito.aws.tokens.sign_ins import SignIn
from local_cognito.aws.webauthn import factor, user_pool
from local_cognito.aws.webauthn.errors import ChallengeNotFound, MalformedCredential
from local_cognito.aws.webauthn.options import CHALLENGE_SECONDS, request_options
from local_cognito.expiring_store import ExpiringStore

# Registrations at the hosted UI cannot be completed by an app client, nor the reverse.
_HOSTED_UI = "the hosted UI"


@dataclass(frozen=True)
class _Begun:
    """A sign-in that has begun. `username` is empty if the browser offers the passkeys it has."""

    user_pool_id: str
    username: str


# The keys of this store are the challenges.
_sign_ins = ExpiringStore[_Begun](seconds=CHALLENGE_SECONDS)


def start_sign_in(request: Request, context: Context) -> Answer:
    """Takes UserPoolId, and optionally Username. Returns CredentialRequestOptions."""
    pool = context.pools.pool(text(request, "UserPoolId"))
    username = text(request, "Username")
    options = request_options(
        user_pool.relying_party(pool),
        challenge=_sign_ins.put(_Begun(pool["Id"], username)),
        allowed=user_pool.allowed(pool, context.pools.find_user(pool, username), username)
        if username
        else [],
    )
    return {"CredentialRequestOptions": options}


def complete_sign_in(request: Request, context: Context) -> Answer:
    """Takes UserPoolId, ClientId and Credential. Returns AccessToken and ShownName."""
    from local_cognito.aws.webauthn import ceremonies  # noqa: PLC0415 - see there

    pool = context.pools.pool(text(request, "UserPoolId"))
    client = context.pools.client(pool, text(request, "ClientId"))
    credential = _credential(request)
    challenge = ceremonies.challenge_in(credential)
    begun = _sign_ins.pop(challenge)
    if begun is None or begun.user_pool_id != pool["Id"]:
        raise ChallengeNotFound
    name = begun.username or ceremonies.user_handle_in(credential)
    user = context.pools.find_user(pool, name) if name else None
    flow.require_enabled(user)
    if user is None or factors.PASSKEY not in factors.available(pool, user):
        raise NotAuthorized
    used = user_pool.finish_sign_in(context, pool, user, challenge=challenge, credential=credential)
    methods = (factor.method_of(used.passkey),)
    sign_in = SignIn(auth_time=int(context.clock()), methods=methods)
    result = issuing.issue(context, pool, client, user, sign_in)
    shown = attributes(user).get("email") or user["Username"]
    return {"AccessToken": result["AccessToken"], "ShownName": shown}


def start_registration(request: Request, context: Context) -> Answer:
    """Takes UserPoolId, Username and SessionId. Returns CredentialCreationOptions."""
    pool, user = _signed_in(request, context)
    return {"CredentialCreationOptions": passkeys.start(pool, user, _HOSTED_UI)}


def complete_registration(request: Request, context: Context) -> Answer:
    """Takes UserPoolId, Username, SessionId and Credential, a text."""
    from local_cognito.aws.webauthn import ceremonies  # noqa: PLC0415 - see there

    pool, user = _signed_in(request, context)
    credential = ceremonies.parsed_json(_credential(request))
    passkeys.complete(context, pool, user, _HOSTED_UI, credential)
    return {}


def _signed_in(request: Request, context: Context) -> tuple[Record, Record]:
    """Return the pool and the user of a session. Raises NotAuthorized if it has ended."""
    pool = context.pools.pool(text(request, "UserPoolId"))
    user = context.pools.user(pool, text(request, "Username"))
    hosted_sessions.require(context, user, text(request, "SessionId"))
    return pool, user


def _credential(request: Request) -> str:
    credential = request.get("Credential")
    if not isinstance(credential, str):
        raise MalformedCredential
    return credential
