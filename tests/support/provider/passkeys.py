"""The operations of the user pool's JSON API for passkeys. It verifies no signatures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.support.provider.people import Passkey
from tests.support.provider.pool import Pool, Refused

MAX_PASSKEYS = 20


def _factors(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person = pool.person_of(parameters["AccessToken"])
    passkey = ["WEB_AUTHN"] if person.passkeys else []
    app = ["SOFTWARE_TOKEN"] if person.has_totp else []
    return {
        "Username": person.sub,
        "UserMFASettingList": ["SOFTWARE_TOKEN_MFA"] if person.has_totp else [],
        "ConfiguredUserAuthFactors": [*person.first_factors, *passkey, *app],
    }


def _list(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person = pool.person_of(parameters["AccessToken"])
    return {
        "Credentials": [
            {
                "CredentialId": passkey.id,
                "FriendlyCredentialName": passkey.name,
                "RelyingPartyId": pool.relying_party,
                "AuthenticatorTransports": [],
                "CreatedAt": passkey.created_at,
            }
            for passkey in person.passkeys
        ]
    }


def _start(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person = pool.person_of(parameters["AccessToken"])
    if len(person.passkeys) >= MAX_PASSKEYS:
        raise Refused("LimitExceededException")
    options = {
        "rp": {"id": pool.relying_party, "name": pool.relying_party},
        "user": {"id": "dXNlcg", "name": person.email, "displayName": person.email},
        "challenge": "Y2hhbGxlbmdl",
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
    }
    return {"CredentialCreationOptions": options}


def _complete(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person = pool.person_of(parameters["AccessToken"])
    person.passkeys.append(Passkey(parameters["Credential"]["id"]))
    return {}


def _delete(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person = pool.person_of(parameters["AccessToken"])
    kept = [one for one in person.passkeys if one.id != parameters["CredentialId"]]
    if len(kept) == len(person.passkeys):
        raise Refused("ResourceNotFoundException")
    person.passkeys = kept
    return {}


OPERATIONS: dict[str, Callable[[Pool, Mapping[str, Any], str], dict[str, Any]]] = {
    "GetUserAuthFactors": _factors,
    "ListWebAuthnCredentials": _list,
    "StartWebAuthnRegistration": _start,
    "CompleteWebAuthnRegistration": _complete,
    "DeleteWebAuthnCredential": _delete,
}
