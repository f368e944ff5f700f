"""Why a passkey's response is refused, by the exceptions of the user pool's API."""

from __future__ import annotations

from typing import ClassVar

from local_cognito.aws.service_errors import ServiceError


class CeremonyRefused(ServiceError):
    exception: ClassVar[str] = "InvalidParameterException"
    text: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.exception, self.text)


class MalformedCredential(CeremonyRefused):
    text = "The credential is malformed."


class AlreadyRegistered(CeremonyRefused):
    text = "This passkey is already registered."


class ChallengeNotFound(CeremonyRefused):
    """The challenge is unknown, expired or used, or belongs to another user."""

    exception = "WebAuthnChallengeNotFoundException"
    text = "The challenge has expired. Start the registration again."


class ClientMismatch(CeremonyRefused):
    exception = "WebAuthnClientMismatchException"
    text = "Another app client started this registration."


class OriginNotAllowed(CeremonyRefused):
    exception = "WebAuthnOriginNotAllowedException"
    text = "The origin of the passkey does not belong to the relying party."


class RelyingPartyMismatch(CeremonyRefused):
    exception = "WebAuthnRelyingPartyMismatchException"
    text = "The passkey belongs to another relying party."


class UserNotVerified(CeremonyRefused):
    exception = "WebAuthnCredentialNotSupportedException"
    text = "The user pool requires passkeys that verify the user."


class CredentialNotSupported(CeremonyRefused):
    """The response is well-formed, and its keys, signature or attestation are not accepted."""

    exception = "WebAuthnCredentialNotSupportedException"
    text = "The passkey is not supported."


class ForeignCredential(CeremonyRefused):
    """No passkey of this user signed the response."""

    text = "The passkey is not registered for this user."


class CounterWentBack(CeremonyRefused):
    """The signature counter did not increase, so the passkey may be a copy (section 7.2)."""

    text = "The passkey's counter did not increase."


class TooManyPasskeys(CeremonyRefused):
    exception = "LimitExceededException"
    text = "The user has 20 passkeys. Delete one to register another."
