"""The passkeys of a pool's users, and the pool's settings for them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local_cognito.aws.context import Context
from local_cognito.aws.ministack_pools import Record, attributes, own
from local_cognito.aws.service_errors import NotAuthorized, ServiceError
from local_cognito.aws.webauthn.errors import CeremonyRefused, ForeignCredential
from local_cognito.aws.webauthn.options import request_options
from local_cognito.aws.webauthn.passkey import Passkey, descriptors
from local_cognito.aws.webauthn.relying_party import LOCALHOST, RelyingParty
from local_cognito.usernames import normalised

FACTOR = "WEB_AUTHN"
MULTI_FACTOR = "MULTI_FACTOR_WITH_USER_VERIFICATION"
# Lengths and transports of the ids that common authenticators make: password managers of phones
# and browsers, and security keys.
_COMMON_KINDS: Sequence[tuple[int, list[str]]] = (
    (20, ["hybrid", "internal"]),
    (32, ["hybrid", "internal"]),
    (32, ["internal"]),
    (48, ["nfc", "usb"]),
)


@dataclass(frozen=True)
class WebAuthnChallenge:
    """A WEB_AUTHN challenge. Keep `challenge` with the session, and accept it once.

    Attributes:
        parameters: ChallengeParameters.
    """

    challenge: str
    parameters: dict[str, str]


@dataclass(frozen=True)
class UsedPasskey:
    """A passkey that has signed a challenge, and whether its authenticator verified the user."""

    passkey: Passkey
    is_user_verified: bool


def relying_party(pool: Record) -> RelyingParty:
    """Return the pool's relying party.

    Raises:
        ServiceError: passkeys are no first factor of the pool, or it has no domain.
    """
    policy = (pool.get("Policies") or {}).get("SignInPolicy") or {}
    if FACTOR not in policy.get("AllowedFirstAuthFactors", ()):
        raise ServiceError(
            "WebAuthnNotEnabledException", "Passkeys are not enabled for this user pool."
        )
    settings = _settings(pool)
    # The pages of a prefix domain are those of the local hosted UI.
    fallback = pool.get("CustomDomain") or (LOCALHOST if pool.get("Domain") else "")
    relying_party_id = settings.get("RelyingPartyId") or fallback
    if not relying_party_id:
        raise ServiceError(
            "WebAuthnConfigurationMissingException",
            "The user pool has neither a relying party ID nor a domain.",
        )
    return RelyingParty(
        relying_party_id,
        requires_user_verification=settings.get("UserVerification") == "required"
        or counts_as_two_factors(pool),
    )


def counts_as_two_factors(pool: Record) -> bool:
    """Return whether a passkey that verifies the user replaces a second factor."""
    return _settings(pool).get("FactorConfiguration") == MULTI_FACTOR


def can_sign_in(pool: Record, user: Record) -> bool:
    """Return whether WEB_AUTHN is a challenge that this user can choose.

    A passkey is one factor, so users with a second one cannot sign in with it, except in a pool
    where a passkey that verifies the user counts as two.
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
    """
    try:
        party = relying_party(pool)
    except ServiceError:
        return False
    needs_two_factors = pool.get("MfaConfiguration") == "ON" or bool(user.get("_mfa_enabled"))
    if needs_two_factors and not counts_as_two_factors(pool):
        return False
    return bool(descriptors(passkeys_of(user), party.id))


def begin_sign_in(pool: Record, user: Record | None, username: str) -> WebAuthnChallenge:
    """Return a challenge for a user name, which may be unknown."""
    challenge = secrets.token_urlsafe(32)
    options = request_options(
        relying_party(pool), challenge=challenge, allowed=allowed(pool, user, username)
    )
    return WebAuthnChallenge(challenge, {"CREDENTIAL_REQUEST_OPTIONS": json.dumps(options)})


def allowed(pool: Record, user: Record | None, username: str) -> list[dict[str, Any]]:
    """Return descriptors of the passkeys that may answer a challenge.

    For an unknown user, or one without a passkey, this is an invented one. It is always the same
    for a user name, so that nothing distinguishes it from a real one.
    """
    real = descriptors(passkeys_of(user), relying_party(pool).id) if user else []
    return real or [_invented(pool, username)]


def seems_to_have_passkey(pool: Record, username: str) -> bool:
    """Return whether an unknown user looks like one with a passkey: about half of the names do.

    AWS answers with a random selection of the pool's factors.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
    """
    try:
        relying_party(pool)
    except ServiceError:
        return False
    return pool.get("MfaConfiguration") != "ON" and _digest(pool, username)[0] % 2 == 0


def finish_sign_in(
    context: Context, pool: Record, user: Record | None, *, challenge: str, credential: str
) -> UsedPasskey:
    """Check CREDENTIAL, and store the passkey's counter.

    The caller accepts each challenge once, and checks whether the user may sign in.

    Raises:
        NotAuthorized: the response is refused. The reason is not told.
    """
    from local_cognito.aws.webauthn import ceremonies  # noqa: PLC0415 - see there

    try:
        if user is None or not can_sign_in(pool, user):
            raise ForeignCredential
        # Two responses with the same counter must not both be accepted.
        with context.lock:
            passkeys = passkeys_of(user)
            used, is_user_verified = ceremonies.verify_authentication(
                credential,
                relying_party(pool),
                challenge=challenge,
                user_handle=attributes(user)["sub"],
                passkeys=passkeys,
            )
            keep(
                user,
                [
                    used if passkey.credential_id == used.credential_id else passkey
                    for passkey in passkeys
                ],
            )
    except CeremonyRefused:
        raise NotAuthorized from None
    return UsedPasskey(used, is_user_verified=is_user_verified)


def passkeys_of(user: Record) -> list[Passkey]:
    """Return the user's passkeys, the oldest first."""
    return [Passkey.loaded(stored) for stored in own(user).get("passkeys", ())]


def keep(user: Record, passkeys: Sequence[Passkey]) -> None:
    own(user)["passkeys"] = [passkey.stored() for passkey in passkeys]


def _settings(pool: Record) -> dict[str, str]:
    return pool.get("WebAuthnConfiguration") or {}


def _invented(pool: Record, username: str) -> dict[str, Any]:
    digest = _digest(pool, username)
    length, transports = _COMMON_KINDS[digest[-1] % len(_COMMON_KINDS)]
    credential_id = base64.urlsafe_b64encode(digest[:length]).decode().rstrip("=")
    return {"type": "public-key", "id": credential_id, "transports": transports}


def _digest(pool: Record, username: str) -> bytes:
    """Return 64 bytes that are random, and always the same for a user name of the pool."""
    key = own(pool).setdefault("invented_passkeys_key", secrets.token_hex(32))
    return hmac.digest(bytes.fromhex(key), normalised(username).encode(), hashlib.sha512)
