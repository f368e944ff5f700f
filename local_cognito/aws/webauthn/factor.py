"""Passkeys as a first factor of `USER_AUTH`: the challenge WEB_AUTHN."""

from __future__ import annotations

from collections.abc import Mapping

from local_cognito.aws.context import Context
from local_cognito.aws.service_errors import InvalidParameter
from local_cognito.aws.sign_in.progress import Progress
from local_cognito.aws.tokens import levels
from local_cognito.aws.webauthn import user_pool
from local_cognito.aws.webauthn.passkey import Passkey


def begin(context: Context, progress: Progress, responses: Mapping[str, str]) -> dict[str, str]:
    del responses
    begun = user_pool.begin_sign_in(progress.pool(context), progress.user(context), progress.typed)
    progress.state["webauthn_challenge"] = begun.challenge
    return begun.parameters


def check(context: Context, progress: Progress, responses: Mapping[str, str]) -> tuple[str, ...]:
    credential = responses.get("CREDENTIAL")
    if not credential:
        raise InvalidParameter("Missing required parameter CREDENTIAL")
    pool = progress.pool(context)
    used = user_pool.finish_sign_in(
        context,
        pool,
        progress.user(context),
        challenge=progress.state["webauthn_challenge"],
        credential=credential,
    )
    progress.is_multi_factor = used.is_user_verified and user_pool.counts_as_two_factors(pool)
    return (method_of(used.passkey),)


def method_of(passkey: Passkey) -> str:
    """Return the value of `amr` for a passkey."""
    is_roaming = passkey.attachment == "cross-platform"
    return levels.ROAMING_PASSKEY if is_roaming else levels.PLATFORM_PASSKEY
