"""Verify the responses to registration and authentication options.

py_webauthn parses and verifies them. The checks here distinguish the errors that the user pool's
API names, and accept any port of an origin. Importing py_webauthn takes 0.2 seconds, so the
operations import this module when they need it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_authenticator_data,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorData,
    CollectedClientData,
    RegistrationCredential,
)

from local_cognito.aws.webauthn.errors import (
    ChallengeNotFound,
    CounterWentBack,
    CredentialNotSupported,
    ForeignCredential,
    MalformedCredential,
    OriginNotAllowed,
    RelyingPartyMismatch,
    UserNotVerified,
)
from local_cognito.aws.webauthn.options import ALGORITHMS
from local_cognito.aws.webauthn.passkey import Passkey, name_of
from local_cognito.aws.webauthn.relying_party import RelyingParty

# A response with an attestation of several certificates has some kilobytes.
MAXIMUM_RESPONSE_CHARACTERS = 64 * 1024
# The limit of WebAuthn (section 4, Credential ID).
_MAXIMUM_CREDENTIAL_ID_BYTES = 1023


def challenge_in(unverified: str | Mapping[str, Any]) -> str:
    """Return the challenge that a response claims to answer. Raises MalformedCredential."""
    return bytes_to_base64url(_client_data(parsed_json(unverified)).challenge)


def user_handle_in(unverified: str | Mapping[str, Any]) -> str:
    """Return the `sub` of the user that a response names. Raises MalformedCredential."""
    handle = _authentication(parsed_json(unverified)).response.user_handle
    try:
        return (handle or b"").decode()
    except UnicodeDecodeError:
        raise MalformedCredential from None


def verify_registration(
    unverified: str | Mapping[str, Any],
    relying_party: RelyingParty,
    *,
    challenge: str,
    now: float,
) -> Passkey:
    """Check the response to `creation_options`. Raises CeremonyRefused."""
    response = parsed_json(unverified)
    credential = _registration(response)
    client_data = _check_client_data(response, relying_party, challenge)
    try:
        data = parse_attestation_object(credential.response.attestation_object).auth_data
    except Exception:  # noqa: BLE001 - the parsers of CBOR raise many kinds
        raise MalformedCredential from None
    _check_authenticator_data(data, relying_party)
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=relying_party.id,
            expected_origin=client_data.origin,
            require_user_verification=relying_party.requires_user_verification,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(number) for number in ALGORITHMS],
        )
    except WebAuthnException:
        raise CredentialNotSupported from None
    except Exception:  # noqa: BLE001 - a malformed key or certificate
        raise MalformedCredential from None
    # The authenticator signs this id, and the browser states the other one.
    if verified.credential_id != credential.raw_id or not (
        0 < len(verified.credential_id) <= _MAXIMUM_CREDENTIAL_ID_BYTES
    ):
        raise MalformedCredential
    attachment = credential.authenticator_attachment
    attached = attachment.value if attachment else ""
    return Passkey(
        credential_id=bytes_to_base64url(verified.credential_id),
        public_key=bytes_to_base64url(verified.credential_public_key),
        sign_count=verified.sign_count,
        relying_party_id=relying_party.id,
        name=name_of(verified.aaguid, attached),
        attachment=attached,
        transports=tuple(sorted({each.value for each in credential.response.transports or ()})),
        created_at=now,
    )


def verify_authentication(
    unverified: str | Mapping[str, Any],
    relying_party: RelyingParty,
    *,
    challenge: str,
    user_handle: str,
    passkeys: Sequence[Passkey],
) -> tuple[Passkey, bool]:
    """Check the response to `request_options`.

    Args:
        challenge: the challenge of the options, which the caller accepts once.
        user_handle: the `sub` of the user who signs in.
        passkeys: the user's passkeys.

    Returns:
        The passkey with its new counter, which the caller stores; and whether the authenticator
        verified the user.

    Raises:
        CeremonyRefused: the response is refused.
    """
    response = parsed_json(unverified)
    credential = _authentication(response)
    known = {passkey.credential_id: passkey for passkey in passkeys}
    passkey = known.get(bytes_to_base64url(credential.raw_id))
    if passkey is None or credential.response.user_handle not in {None, user_handle.encode()}:
        raise ForeignCredential
    client_data = _check_client_data(response, relying_party, challenge)
    try:
        data = parse_authenticator_data(credential.response.authenticator_data)
    except Exception:  # noqa: BLE001 - the parsers of CBOR raise many kinds
        raise MalformedCredential from None
    _check_authenticator_data(data, relying_party)
    if passkey.relying_party_id != relying_party.id:
        raise RelyingPartyMismatch
    # Section 7.2, step 22. Both are zero for passkeys that several devices share.
    if (data.sign_count or passkey.sign_count) and data.sign_count <= passkey.sign_count:
        raise CounterWentBack
    try:
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=relying_party.id,
            expected_origin=client_data.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=relying_party.requires_user_verification,
        )
    except WebAuthnException:
        raise CredentialNotSupported from None
    except Exception:  # noqa: BLE001 - a malformed signature
        raise MalformedCredential from None
    return passkey.used(verified.new_sign_count), verified.user_verified


def parsed_json(unverified: str | Mapping[str, Any]) -> dict[str, Any]:
    """Return a response as JSON. WEB_AUTHN sends it as text, and registration as a document."""
    try:
        text = unverified if isinstance(unverified, str) else json.dumps(unverified)
        if len(text) > MAXIMUM_RESPONSE_CHARACTERS:
            raise MalformedCredential
        parsed = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        raise MalformedCredential from None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("response"), dict):
        raise MalformedCredential
    return parsed


def _client_data(response: Mapping[str, Any]) -> CollectedClientData:
    """Return what the browser signed (section 5.8.1)."""
    try:
        parsed = parse_client_data_json(base64url_to_bytes(response["response"]["clientDataJSON"]))
    except Exception:  # noqa: BLE001 - base64 and JSON raise many kinds
        raise MalformedCredential from None
    # py_webauthn does not check this type.
    if type(parsed.origin) is not str:
        raise MalformedCredential
    return parsed


def _check_client_data(
    response: Mapping[str, Any], relying_party: RelyingParty, challenge: str
) -> CollectedClientData:
    client_data = _client_data(response)
    if client_data.challenge != base64url_to_bytes(challenge):
        raise ChallengeNotFound
    # A frame in a page of another site can be covered, so that users do not see what they confirm.
    if client_data.cross_origin or not relying_party.accepts_origin(client_data.origin):
        raise OriginNotAllowed
    return client_data


def _check_authenticator_data(data: AuthenticatorData, relying_party: RelyingParty) -> None:
    if data.rp_id_hash != hashlib.sha256(relying_party.id.encode()).digest():
        raise RelyingPartyMismatch
    if relying_party.requires_user_verification and not data.flags.uv:
        raise UserNotVerified


def _registration(response: dict[str, Any]) -> RegistrationCredential:
    try:
        return parse_registration_credential_json(response)
    except Exception:  # noqa: BLE001 - base64 raises many kinds
        raise MalformedCredential from None


def _authentication(response: dict[str, Any]) -> AuthenticationCredential:
    try:
        return parse_authentication_credential_json(response)
    except Exception:  # noqa: BLE001 - base64 raises many kinds
        raise MalformedCredential from None
