"""Users manage their own account in the user pool, authorized by their access token.

The token needs the scope aws.cognito.signin.user.admin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from cognito.errors import CodeMismatch, MalformedAnswer, NotAuthorized, WrongPassword
from cognito.user_pool.service import PoolService

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import (
        AttributeTypeTypeDef,
        ChangePasswordRequestTypeDef,
    )

# base32 (RFC 4648 section 6), at least as long as RFC 4226 section 4 demands of a secret: 128 bits.
_TOTP_SECRET = re.compile(r"[A-Z2-7]{26,256}=*", re.ASCII)
_TOTP = "SOFTWARE_TOKEN_MFA"


class Profile(NamedTuple):
    """The user's data in the pool. An attribute without a value is None."""

    sub: str
    email: str | None
    email_verified: bool
    phone_number: str | None
    phone_number_verified: bool
    name: str | None
    locale: str | None
    zoneinfo: str | None
    has_totp: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SelfService:
    """The account of one user. A method makes one call of the pool API, unless it says otherwise.

    Raises:
        NotAuthorized, UserNotFound, UserNotConfirmed, PasswordResetRequired: the token has expired
            or was revoked, or the state of the account does not allow the call.
        RequestRefused: another of its leaves, as documented at each method.
        CognitoUnavailable: the call may have taken effect or not.
    """

    service: PoolService
    access_token: str

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

    def update(self, attributes: Mapping[str, str | None]) -> frozenset[str]:
        """Set attributes by name, all of them or none. None removes an attribute.

        Return the attributes to whose new value Cognito has sent a code. For `email`, the old
        address stays in use until `confirm` gets the code
        (AttributesRequireVerificationBeforeUpdate of the pool). A new `phone_number` gets a code
        only in pools that verify numbers.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserAttributes.html

        Raises:
            AccountExists: another account has the e-mail address.
            CodeNotDelivered: Cognito could not send a code to the address.
            InvalidParameter: the pool refuses a value.
        """
        # An empty value removes the attribute.
        wanted: list[AttributeTypeTypeDef] = [
            {"Name": name, "Value": value or ""} for name, value in attributes.items()
        ]
        answer = self.service.call(
            lambda client: client.update_user_attributes(
                AccessToken=self.access_token, UserAttributes=wanted
            ),
            settable=attributes,
        )
        deliveries: list[Any] = answer.get("CodeDeliveryDetailsList") or []
        sent = {one.get("AttributeName") for one in deliveries if isinstance(one, dict)}
        return frozenset(name for name in attributes if name in sent)

    def send_code(self, attribute: str) -> None:
        """Have Cognito send a code to the `email` or `phone_number` that the user has.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUserAttributeVerificationCode.html

        Raises:
            CodeNotDelivered: Cognito could not send a code.
            InvalidParameter: the user has no such attribute.
            TooManyAttempts: Cognito sends no further code for a while.
        """
        self.service.call(
            lambda client: client.get_user_attribute_verification_code(
                AccessToken=self.access_token, AttributeName=attribute
            )
        )

    def confirm(self, attribute: str, code: str) -> None:
        """Verify the `email` or `phone_number` that the code was sent to.

        A new e-mail address replaces the old one.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_VerifyUserAttribute.html

        Raises:
            CodeMismatch, ExpiredCode: the code is wrong, or has expired.
            AccountExists: another account has confirmed the address in the meantime.
        """
        self.service.call(
            lambda client: client.verify_user_attribute(
                AccessToken=self.access_token, AttributeName=attribute, Code=code
            )
        )

    def change_password(self, *, old: str | None, new: str) -> None:
        """Change the password. A refusal takes a second call. Sessions and tokens stay valid.

        Args:
            old: the current password; None for a user who has none yet.
            new: the new password.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ChangePassword.html

        Raises:
            WrongPassword: `old` is not the password, or is missing.
            PasswordRefused: `new` does not meet the pool's policy.
            TooManyAttempts: Cognito accepts no further attempt for a while.
        """
        wanted: ChangePasswordRequestTypeDef = {
            "AccessToken": self.access_token,
            "ProposedPassword": new,
        }
        if old is not None:
            wanted["PreviousPassword"] = old
        try:
            self.service.call(lambda client: client.change_password(**wanted))
        except NotAuthorized:
            # The error means a wrong password or an invalid token. With an invalid token, this call
            # fails as well.
            self.profile()
            raise WrongPassword from None

    def begin_totp(self) -> str:
        """Return a new base32 secret for an authenticator app. `confirm_totp` activates it.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AssociateSoftwareToken.html

        Raises:
            NoSuchSecondFactor: the pool does not allow authenticator apps.
        """
        answer = self.service.call(
            lambda client: client.associate_software_token(AccessToken=self.access_token)
        )
        secret = answer.get("SecretCode")
        if not isinstance(secret, str) or _TOTP_SECRET.fullmatch(secret) is None:
            raise MalformedAnswer
        return secret

    def confirm_totp(self, code: str) -> None:
        """Require codes of the app at sign-in, in two calls. Repeating it is safe.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_VerifySoftwareToken.html

        Raises:
            CodeMismatch: the code is wrong, or `begin_totp` was not called.
            NoSuchSecondFactor: `begin_totp` was not called.
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
        self._require_totp(is_required=True)

    def end_totp(self) -> None:
        """Stop requiring codes of the app at sign-in. Repeating it is safe.

        Raises:
            InvalidParameter: the pool requires a second factor.
        """
        self._require_totp(is_required=False)

    def delete(self) -> None:
        """Delete the account. This cannot be undone.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteUser.html
        """
        self.service.call(lambda client: client.delete_user(AccessToken=self.access_token))

    def _require_totp(self, *, is_required: bool) -> None:
        """Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserMFAPreference.html"""
        self.service.call(
            lambda client: client.set_user_mfa_preference(
                AccessToken=self.access_token,
                SoftwareTokenMfaSettings={"Enabled": is_required, "PreferredMfa": is_required},
            )
        )


def _attributes(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes that have a value. Raises MalformedAnswer if `sub` is missing."""
    listed: list[Any] = answer.get("UserAttributes") or []
    every = {str(one.get("Name")): one.get("Value") for one in listed if isinstance(one, dict)}
    known = {name: value for name, value in every.items() if isinstance(value, str) and value}
    if "sub" not in known:
        raise MalformedAnswer
    return known
