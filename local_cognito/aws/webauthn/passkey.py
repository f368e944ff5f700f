"""A registered passkey, as the user pool stores it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

# Names of common providers by their AAGUID, which the provider writes into the passkey.
# https://github.com/passkeydeveloper/passkey-authenticator-aaguids
PROVIDERS = {
    "08987058-cadc-4b81-b6e1-30de50dcbe96": "Windows Hello",
    "bada5566-a7aa-401f-bd96-45619a55120d": "1Password",
    "d548826e-79b4-db40-a3d8-11116f7e8349": "Bitwarden",
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": "Google Password Manager",
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd": "iCloud Keychain",
}


@dataclass(frozen=True)
class Passkey:
    """A passkey of one user.

    Attributes:
        credential_id, public_key: base64url without padding; the key is in COSE's format.
        sign_count: the authenticator's counter at the last use.
        attachment: `platform` or `cross-platform`; empty if the browser did not say.
        transports: values of WebAuthn's AuthenticatorTransport.
        created_at: seconds since 1970.
    """

    credential_id: str
    public_key: str
    sign_count: int
    relying_party_id: str
    name: str
    attachment: str
    transports: tuple[str, ...]
    created_at: float

    def used(self, sign_count: int) -> Passkey:
        return replace(self, sign_count=sign_count)

    def stored(self) -> dict[str, Any]:
        """Return JSON. MiniStack saves it with the user."""
        return asdict(self) | {"transports": list(self.transports)}

    @classmethod
    def loaded(cls, stored: Mapping[str, Any]) -> Passkey:
        return cls(**{**stored, "transports": tuple(stored["transports"])})

    def description(self) -> dict[str, Any]:
        """Return the API's WebAuthnCredentialDescription."""
        described = {
            "CredentialId": self.credential_id,
            "FriendlyCredentialName": self.name,
            "RelyingPartyId": self.relying_party_id,
            "AuthenticatorTransports": list(self.transports),
            "CreatedAt": self.created_at,
        }
        if self.attachment:
            described["AuthenticatorAttachment"] = self.attachment
        return described


def descriptors(passkeys: Sequence[Passkey], relying_party_id: str) -> list[dict[str, Any]]:
    """Return PublicKeyCredentialDescriptor entries for the passkeys of this relying party."""
    return [
        {
            "type": "public-key",
            "id": passkey.credential_id,
            "transports": list(passkey.transports),
        }
        for passkey in passkeys
        if passkey.relying_party_id == relying_party_id
    ]


def name_of(aaguid: str, attachment: str) -> str:
    """Return the name that lists show. The API has no way to choose one."""
    kind = "Roaming passkey" if attachment == "cross-platform" else "Platform passkey"
    return PROVIDERS.get(aaguid, kind)
