"""Why a passkey's response is refused. `code` is the exception of the user pool's API."""

from __future__ import annotations


class CeremonyRefused(Exception):
    code = "InvalidParameterException"
    message = "The credential is malformed."

    def __init__(self) -> None:
        super().__init__(self.message)


class MalformedCredential(CeremonyRefused):
    pass


class AlreadyRegistered(CeremonyRefused):
    message = "This passkey is already registered."


class ChallengeNotFound(CeremonyRefused):
    """The challenge is unknown, expired or used, or belongs to another user."""

    code = "WebAuthnChallengeNotFoundException"
    message = "The challenge has expired. Start the registration again."


class ClientMismatch(CeremonyRefused):
    code = "WebAuthnClientMismatchException"
    message = "Another app client started this registration."


class OriginNotAllowed(CeremonyRefused):
    code = "WebAuthnOriginNotAllowedException"
    message = "The origin of the passkey does not belong to the relying party."


class RelyingPartyMismatch(CeremonyRefused):
    code = "WebAuthnRelyingPartyMismatchException"
    message = "The passkey belongs to another relying party."


class UserNotVerified(CeremonyRefused):
    code = "WebAuthnCredentialNotSupportedException"
    message = "The user pool requires passkeys that verify the user."


class CredentialNotSupported(CeremonyRefused):
    """The response is well-formed, and its keys, signature or attestation are not accepted."""

    code = "WebAuthnCredentialNotSupportedException"
    message = "The passkey is not supported."


class ForeignCredential(CeremonyRefused):
    """No passkey of this user signed the response."""

    message = "The passkey is not registered for this user."


class CounterWentBack(CeremonyRefused):
    """The signature counter did not increase, so the passkey may be a copy (section 7.2)."""

    message = "The passkey's counter did not increase."


class TooManyPasskeys(CeremonyRefused):
    code = "LimitExceededException"
    message = "The user has 20 passkeys. Delete one to register another."
