"""Users register, list and delete their passkeys, authorized by their access token.

The token needs the scope aws.cognito.signin.user.admin. Cognito has no operation that renames one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cognito.errors import LastFactor, MalformedAnswer
from cognito.user_pool.auth_factors import auth_factors
from cognito.user_pool.challenges import MAX_OPTIONS_CHARACTERS
from cognito.user_pool.service import PoolService

# https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html#amazon-cognito-user-pools-authentication-flow-methods-passkey
MAX_PASSKEYS = 20
# WebAuthn allows ids of 1,023 bytes, which are 1,364 characters of base64url.
MAX_ID_CHARACTERS = 1364
MAX_NAME_CHARACTERS = 256


@dataclass(frozen=True, slots=True)
class Passkey:
    """A registered passkey.

    Attributes:
        id: the credential's id in base64url.
        name: the name that Cognito gives it, such as that of the password manager.
        relying_party: the domain that it signs in to.
        is_portable: whether it is on a security key or another device; None if it is not known.
    """

    id: str
    name: str
    relying_party: str
    is_portable: bool | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Passkeys:
    """The passkeys of one user. A method makes one call of the pool API, unless it says otherwise.

    Raises:
        PasskeysUnavailable: the pool does not allow passkeys.
        RequestRefused: as `SelfService` says.
        CognitoUnavailable: the call may have taken effect or not.
    """

    service: PoolService
    access_token: str = field(repr=False)

    def all(self) -> list[Passkey]:
        """Return the passkeys, at most MAX_PASSKEYS.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListWebAuthnCredentials.html
        """
        answer = self.service.call(
            lambda client: client.list_web_authn_credentials(
                AccessToken=self.access_token, MaxResults=MAX_PASSKEYS
            )
        )
        listed = answer.get("Credentials")
        if not isinstance(listed, list):
            raise MalformedAnswer
        return [_passkey(one) for one in listed]

    def begin(self) -> dict[str, Any]:
        """Return the options for a new passkey: PublicKeyCredentialCreationOptionsJSON.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_StartWebAuthnRegistration.html

        Raises:
            TooManyAttempts: the user has MAX_PASSKEYS already, or a quota is used up.
        """
        answer = self.service.call(
            lambda client: client.start_web_authn_registration(AccessToken=self.access_token)
        )
        options = answer.get("CredentialCreationOptions")
        if not isinstance(options, dict) or len(str(options)) > MAX_OPTIONS_CHARACTERS:
            raise MalformedAnswer
        return options

    def register(self, credential: Mapping[str, Any]) -> None:
        """Register the passkey of a response to the options: RegistrationResponseJSON.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CompleteWebAuthnRegistration.html

        Raises:
            PasskeyRefused: the response is late, of another site, or of an unsupported kind.
            InvalidParameter: the response is malformed, or the passkey is registered already.
        """
        self.service.call(
            lambda client: client.complete_web_authn_registration(
                AccessToken=self.access_token, Credential=credential
            )
        )

    def delete(self, passkey_id: str) -> None:
        """Delete a passkey, in up to three calls.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteWebAuthnCredential.html

        Raises:
            LastFactor: the user has no other passkey, and no other first factor.
            PasskeyNotFound: the user has no such passkey.
        """
        factors = auth_factors(self.service, self.access_token)
        if factors.only_passkeys and [one.id for one in self.all()] == [passkey_id]:
            raise LastFactor
        self.service.call(
            lambda client: client.delete_web_authn_credential(
                AccessToken=self.access_token, CredentialId=passkey_id
            )
        )


def relying_party_of(options: Mapping[str, Any]) -> str:
    """Return the domain of creation options, or an empty string if they have none."""
    party = options.get("rp")
    domain = party.get("id") if isinstance(party, dict) else None
    return domain.lower() if isinstance(domain, str) else ""


def covers(relying_party: str, host: str) -> bool:
    """Return whether pages of a host can create and use the passkeys of a relying party.

    Source: https://www.w3.org/TR/webauthn-3/#relying-party-identifier
    """
    host = host.lower()
    return bool(relying_party) and (host == relying_party or host.endswith(f".{relying_party}"))


def _passkey(member: object) -> Passkey:
    record = member if isinstance(member, dict) else {}
    attachment, created_at = record.get("AuthenticatorAttachment"), record.get("CreatedAt")
    passkey_id = record.get("CredentialId")
    if not isinstance(passkey_id, str) or not 0 < len(passkey_id) <= MAX_ID_CHARACTERS:
        raise MalformedAnswer
    return Passkey(
        id=passkey_id,
        name=_label(record.get("FriendlyCredentialName")),
        relying_party=_label(record.get("RelyingPartyId")),
        is_portable=attachment == "cross-platform" if isinstance(attachment, str) else None,
        created_at=created_at if isinstance(created_at, datetime) else None,
    )


def _label(value: object) -> str:
    return value[:MAX_NAME_CHARACTERS] if isinstance(value, str) else ""
