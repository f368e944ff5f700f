"""What people do with their own account in the user pool, authorised by their own access token.

The token needs the scope aws.cognito.signin.user.admin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cognito.errors import CodeMismatch, MalformedAnswer, NotAuthorized, WrongPassword
from cognito.user_pool.service import PoolService

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import AttributeTypeTypeDef

# base32 (RFC 4648 section 6), at least as long as RFC 4226 section 4 demands of a secret: 128 bits.
_TOTP_SECRET = re.compile(r"[A-Z2-7]{26,256}=*", re.ASCII)
_TOTP = "SOFTWARE_TOKEN_MFA"


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as the user pool knows them. None is an attribute that is not set."""

    sub: str
    email: str | None
    email_verified: bool
    phone_number: str | None
    phone_number_verified: bool
    name: str | None
    locale: str | None
    zoneinfo: str | None
    has_totp: bool


@dataclass(frozen=True, slots=True)
class SelfService:
    """One person's account. Each method is one call of the user pool's API, but for what it says.

    Raises, from every method:
        NotAuthorized, UserNotFound, UserNotConfirmed, PasswordResetRequired: the token is over, or
            its user must not act now.
        RequestRefused: one of its other leaves, as each method says.
        CognitoUnavailable: nobody can tell whether it was done.
    """

    service: PoolService
    access_token: str = field(repr=False)

    def profile(self) -> Profile:
        """Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUser.html"""
        answer = self.service.call(lambda client: client.get_user(AccessToken=self.access_token))
        attributes = _attributes(answer)
        factors: list[str] = answer.get("UserMFASettingList") or []
        return Profile(
            sub=attributes["sub"],
            email=attributes.get("email"),
            email_verified=attributes.get("email_verified") == "true",
            phone_number=attributes.get("phone_number"),
            phone_number_verified=attributes.get("phone_number_verified") == "true",
            name=attributes.get("name"),
            locale=attributes.get("locale"),
            zoneinfo=attributes.get("zoneinfo"),
            has_totp=_TOTP in factors,
        )

    def update(self, attributes: Mapping[str, str | None]) -> None:
        """Sets attributes of the pool by name; None takes one away. All of them, or none.

        A new `email` gets a code, and counts once `confirm_email` was told it: until then the old
        one stays (AttributesRequireVerificationBeforeUpdate of the pool).

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserAttributes.html

        Raises:
            AccountExists: the e-mail address is another account's.
            CodeNotDelivered: no code could be sent to it.
            InvalidParameter: the pool does not take a value.
        """
        # A blank value deletes, says the page.
        wanted: list[AttributeTypeTypeDef] = [
            {"Name": name, "Value": value or ""} for name, value in attributes.items()
        ]
        self.service.call(
            lambda client: client.update_user_attributes(
                AccessToken=self.access_token, UserAttributes=wanted
            ),
            settable=attributes,
        )

    def confirm_email(self, code: str) -> None:
        """Takes the new address over, once the code that was sent there is known.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_VerifyUserAttribute.html

        Raises:
            CodeMismatch, ExpiredCode: it is not the code, or not any more.
            AccountExists: another account has confirmed the address meanwhile.
        """
        self.service.call(
            lambda client: client.verify_user_attribute(
                AccessToken=self.access_token, AttributeName="email", Code=code
            )
        )

    def change_password(self, *, old: str, new: str) -> None:
        """One call; two where it is refused. Nobody is signed out by it.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ChangePassword.html

        Raises:
            WrongPassword: `old` is not the password.
            PasswordRefused: `new` does not meet the pool's policy.
            TooManyAttempts: Cognito lets nobody try for a while.
        """
        try:
            self.service.call(
                lambda client: client.change_password(
                    AccessToken=self.access_token, PreviousPassword=old, ProposedPassword=new
                )
            )
        except NotAuthorized:
            # One name for two things. If the token were to blame, this would be refused as well.
            self.profile()
            raise WrongPassword from None

    def begin_totp(self) -> str:
        """A new secret in base32, for an authenticator app. It counts once `confirm_totp` succeeds.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AssociateSoftwareToken.html

        Raises:
            NoSuchSecondFactor: the pool has authenticator apps switched off.
        """
        answer = self.service.call(
            lambda client: client.associate_software_token(AccessToken=self.access_token)
        )
        secret = answer.get("SecretCode")
        if not isinstance(secret, str) or _TOTP_SECRET.fullmatch(secret) is None:
            raise MalformedAnswer
        return secret

    def confirm_totp(self, code: str) -> None:
        """From now on sign-ins ask for a code of the app. Two calls; doing it again does no harm.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_VerifySoftwareToken.html

        Raises:
            CodeMismatch: the app did not make that code, or none was begun.
            NoSuchSecondFactor: none was begun.
        """
        answer = self.service.call(
            lambda client: client.verify_software_token(
                AccessToken=self.access_token, UserCode=code
            )
        )
        if answer.get("Status") == "ERROR":
            raise CodeMismatch
        if answer.get("Status") != "SUCCESS":
            raise MalformedAnswer
        self._ask_for_totp(is_wanted=True)

    def end_totp(self) -> None:
        """Sign-ins ask for no code any more. No error where they did not before.

        Raises:
            InvalidParameter: the pool demands a second factor.
        """
        self._ask_for_totp(is_wanted=False)

    def delete(self) -> None:
        """The account is gone, for good.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteUser.html
        """
        self.service.call(lambda client: client.delete_user(AccessToken=self.access_token))

    def _ask_for_totp(self, *, is_wanted: bool) -> None:
        """Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserMFAPreference.html"""
        self.service.call(
            lambda client: client.set_user_mfa_preference(
                AccessToken=self.access_token,
                SoftwareTokenMfaSettings={"Enabled": is_wanted, "PreferredMfa": is_wanted},
            )
        )


def _attributes(answer: Mapping[str, Any]) -> dict[str, str]:
    """The attributes that have a value. Raises MalformedAnswer for a user without a `sub`."""
    listed: list[Any] = answer.get("UserAttributes") or []
    every = {str(one.get("Name")): one.get("Value") for one in listed if isinstance(one, dict)}
    known = {name: value for name, value in every.items() if isinstance(value, str) and value}
    if "sub" not in known:
        raise MalformedAnswer
    return known
