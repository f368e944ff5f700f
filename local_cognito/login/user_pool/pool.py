"""The calls of the user pool's API that the pages need.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from local_cognito.login.errors import Refused, Unavailable
from local_cognito.login.user_pool.app_client import AppClient
from local_cognito.login.user_pool.first_factors import PASSWORD, usable

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import (
        UserPoolClientDescriptionTypeDef,
        UserPoolTypeTypeDef,
    )

# Managed login signs users in whatever flows an app client allows. The stand-in does so with an app
# client of its own, and discards the tokens.
OWN_CLIENT = "local-managed-login"

_RULES = (
    ("RequireUppercase", "an upper-case letter"),
    ("RequireLowercase", "a lower-case letter"),
    ("RequireNumbers", "a digit"),
    ("RequireSymbols", "a symbol"),
)

# local_cognito/aws/issuers.py, which runs in another environment, reads the same tag.
_ISSUER_TAG = "gatehouse:issuer"

_CLIENT_ID = re.compile(r"\w{1,128}", re.ASCII)


@dataclass(frozen=True)
class Answer:
    """The pool's answer to a password or a code.

    `challenge` is the name of what the user must do next, and `access_token` what the sign-in has
    proven. With the challenge MFA_SETUP, it sets up the authenticator app.
    """

    challenge: str = ""
    session: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)


class UserPool:
    """A user pool. User names are e-mail addresses in the spelling of local_cognito.usernames."""

    def __init__(self, cognito: CognitoIdentityProviderClient, user_pool_id: str) -> None:
        self.user_pool_id = user_pool_id
        self._cognito = cognito
        self.own_client_id = self._ensure_own_client()

    def app_client(self, unverified_client_id: str) -> AppClient | None:
        if not _CLIENT_ID.fullmatch(unverified_client_id):
            return None
        try:
            with _translated_errors():
                described = self._cognito.describe_user_pool_client(
                    UserPoolId=self.user_pool_id, ClientId=unverified_client_id
                )
                return AppClient.described(described["UserPoolClient"])
        except Refused as refused:
            if refused.code == "ResourceNotFoundException":
                return None
            raise

    def issuer(self) -> str:
        """Return the `iss` of the pool's tokens. Raises Unavailable."""
        with _translated_errors():
            pool = self._cognito.describe_user_pool(UserPoolId=self.user_pool_id)["UserPool"]
        region = self.user_pool_id.partition("_")[0]
        on_aws = f"https://cognito-idp.{region}.amazonaws.com/{self.user_pool_id}"
        return pool.get("UserPoolTags", {}).get(_ISSUER_TAG, on_aws)

    def app_origins(self) -> frozenset[str]:
        """Return the origins of all callback URLs in the pool. Raises Unavailable."""
        with _translated_errors():
            clients = [
                self._cognito.describe_user_pool_client(
                    UserPoolId=self.user_pool_id, ClientId=client["ClientId"]
                )["UserPoolClient"]
                for client in self._clients()
            ]
        urls = (urlsplit(url) for client in clients for url in client.get("CallbackURLs", ()))
        return frozenset(f"{url.scheme}://{url.netloc}" for url in urls)

    def first_factors(self) -> tuple[str, ...]:
        """Return the ways to sign in that the pages offer, values of `first_factors`."""
        description = self._description()
        policy = description.get("Policies", {}).get("SignInPolicy", {})
        if policy.get("AllowedFirstAuthFactors", [PASSWORD]) == [PASSWORD]:
            return (PASSWORD,)
        with _translated_errors():
            config = self._cognito.get_user_pool_mfa_config(UserPoolId=self.user_pool_id)
        return usable(description, config)

    def allows_sign_up(self) -> bool:
        config = self._description().get("AdminCreateUserConfig", {})
        return not config.get("AllowAdminCreateUserOnly", False)

    def required_attributes(self) -> tuple[str, ...]:
        """Return the attributes that a sign-up needs, besides the e-mail address."""
        return tuple(
            attribute["Name"]
            for attribute in self._description().get("SchemaAttributes", [])
            if attribute.get("Required") and attribute["Name"] not in {"sub", "email"}
        )

    def password_hint(self) -> str:
        """Return the pool's rules as a sentence."""
        policy = self._description().get("Policies", {}).get("PasswordPolicy", {})
        parts = [f"At least {policy.get('MinimumLength', 8)} characters"]
        parts += [kind for rule, kind in _RULES if policy.get(rule)]
        return f"{', '.join(parts)}."

    def _description(self) -> UserPoolTypeTypeDef:
        with _translated_errors():
            return self._cognito.describe_user_pool(UserPoolId=self.user_pool_id)["UserPool"]

    def answer(self, username: str, password: str) -> Answer:
        """Check a password. Raises Refused."""
        with _translated_errors():
            answer: Mapping[str, Any] = self._cognito.admin_initiate_auth(
                UserPoolId=self.user_pool_id,
                ClientId=self.own_client_id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": username, "PASSWORD": password},
            )
        if answer.get("ChallengeName"):
            return Answer(answer["ChallengeName"], answer.get("Session", ""))
        access_token = answer["AuthenticationResult"]["AccessToken"]
        # MiniStack lacks this challenge.
        if self._must_set_up_second_factor(username):
            return Answer("MFA_SETUP", access_token=access_token)
        return Answer(access_token=access_token)

    def set_password(self, username: str, password: str) -> None:
        """Replace a temporary password. Raises Refused.

        MiniStack would accept any password in an answer to NEW_PASSWORD_REQUIRED.
        """
        with _translated_errors():
            self._cognito.admin_set_user_password(
                UserPoolId=self.user_pool_id, Username=username, Password=password, Permanent=True
            )

    def answer_code(self, username: str, session: str, code: str) -> Answer:
        """Check the code of an authenticator app. Raises Refused."""
        with _translated_errors():
            answer = self._cognito.admin_respond_to_auth_challenge(
                UserPoolId=self.user_pool_id,
                ClientId=self.own_client_id,
                ChallengeName="SOFTWARE_TOKEN_MFA",
                Session=session,
                ChallengeResponses={"USERNAME": username, "SOFTWARE_TOKEN_MFA_CODE": code},
            )
        return Answer(access_token=answer["AuthenticationResult"]["AccessToken"])

    def send_code(self, username: str, way: str) -> Answer:
        """Send a code with which the user signs in, by EMAIL_OTP or SMS_OTP. Raises Refused.

        The answer has another challenge if the user cannot sign in that way.
        """
        with _translated_errors():
            answer = self._cognito.admin_initiate_auth(
                UserPoolId=self.user_pool_id,
                ClientId=self.own_client_id,
                AuthFlow="USER_AUTH",
                AuthParameters={"USERNAME": username, "PREFERRED_CHALLENGE": way},
            )
        return Answer(answer.get("ChallengeName", ""), answer.get("Session", ""))

    def answer_sent_code(self, username: str, session: str, way: Any, code: str) -> Answer:
        """Check a code of `send_code`. A second factor may follow. Raises Refused."""
        with _translated_errors():
            answer: Mapping[str, Any] = self._cognito.admin_respond_to_auth_challenge(
                UserPoolId=self.user_pool_id,
                ClientId=self.own_client_id,
                ChallengeName=way,
                Session=session,
                ChallengeResponses={"USERNAME": username, f"{way}_CODE": code},
            )
        if answer.get("ChallengeName"):
            return Answer(answer["ChallengeName"], answer.get("Session", ""))
        return Answer(access_token=answer["AuthenticationResult"]["AccessToken"])

    def begin_second_factor(self, access_token: str) -> str:
        """Return a new secret for an authenticator app, in base32."""
        with _translated_errors():
            return self._cognito.associate_software_token(AccessToken=access_token)["SecretCode"]

    def finish_second_factor(self, access_token: str, code: str) -> None:
        """Raises Refused."""
        with _translated_errors():
            self._cognito.verify_software_token(AccessToken=access_token, UserCode=code)

    def sign_up(
        self, client: AppClient, username: str, password: str, attributes: Mapping[str, str]
    ) -> bool:
        """Return whether the user must still confirm the address. Raises Refused."""
        with _translated_errors():
            answer = self._cognito.sign_up(
                ClientId=client.client_id,
                Username=username,
                Password=password,
                UserAttributes=[{"Name": name, "Value": attributes[name]} for name in attributes],
                **client.secret_hash(username),
            )
        return not answer["UserConfirmed"]

    def confirm(self, client: AppClient, username: str, code: str) -> None:
        """Raises Refused."""
        with _translated_errors():
            self._cognito.confirm_sign_up(
                ClientId=client.client_id,
                Username=username,
                ConfirmationCode=code,
                **client.secret_hash(username),
            )

    def resend_code(self, client: AppClient, username: str) -> None:
        """Raises Refused."""
        with _translated_errors():
            self._cognito.resend_confirmation_code(
                ClientId=client.client_id, Username=username, **client.secret_hash(username)
            )

    def forgot_password(self, client: AppClient, username: str) -> None:
        """Raises Refused."""
        with _translated_errors():
            self._cognito.forgot_password(
                ClientId=client.client_id, Username=username, **client.secret_hash(username)
            )

    def reset_password(self, client: AppClient, username: str, code: str, password: str) -> None:
        """Raises Refused."""
        with _translated_errors():
            self._cognito.confirm_forgot_password(
                ClientId=client.client_id,
                Username=username,
                ConfirmationCode=code,
                Password=password,
                **client.secret_hash(username),
            )
            # On AWS, a trigger can do this: infra/triggers/post_confirmation.py. The pool of
            # `make run` has no triggers, because each call would wait for a function to start.
            self._cognito.admin_user_global_sign_out(
                UserPoolId=self.user_pool_id, Username=username
            )

    def refresh(self, client: AppClient, refresh_token: str) -> Mapping[str, Any]:
        """Return AccessToken, IdToken, ExpiresIn, and RefreshToken if it rotates. Raises Refused.

        MiniStack's own `/oauth2/token` would omit the groups.
        """
        with _translated_errors():
            answer = self._cognito.get_tokens_from_refresh_token(
                RefreshToken=refresh_token, **client.identification()
            )
        return answer["AuthenticationResult"]

    def revoke(self, client: AppClient, refresh_token: str) -> None:
        """End the sign-in of the token. Raises Refused."""
        with _translated_errors():
            self._cognito.revoke_token(Token=refresh_token, **client.identification())

    def _must_set_up_second_factor(self, username: str) -> bool:
        with _translated_errors():
            config = self._cognito.get_user_pool_mfa_config(UserPoolId=self.user_pool_id)
            if config.get("MfaConfiguration") != "ON":
                return False
            user = self._cognito.admin_get_user(UserPoolId=self.user_pool_id, Username=username)
        return not user.get("UserMFASettingList")

    def _clients(self) -> Iterator[UserPoolClientDescriptionTypeDef]:
        pages = self._cognito.get_paginator("list_user_pool_clients").paginate(
            UserPoolId=self.user_pool_id
        )
        for page in pages:
            yield from page["UserPoolClients"]

    def _ensure_own_client(self) -> str:
        settings: Any = {
            "UserPoolId": self.user_pool_id,
            "ClientName": OWN_CLIENT,
            "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH"],
            "PreventUserExistenceErrors": "ENABLED",
        }
        with _translated_errors():
            for client in self._clients():
                if client["ClientName"] == OWN_CLIENT:
                    # An earlier version may have created it with fewer flows.
                    self._cognito.update_user_pool_client(ClientId=client["ClientId"], **settings)
                    return client["ClientId"]
            created = self._cognito.create_user_pool_client(GenerateSecret=False, **settings)
        return created["UserPoolClient"]["ClientId"]


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Translate errors without their causes, because texts of botocore can quote parameters."""
    try:
        yield
    except ClientError as error:
        detail = error.response["Error"]
        raise Refused(detail["Code"], detail.get("Message", "")) from None
    except ParamValidationError:
        raise Refused("InvalidParameterException", "A value is malformed.") from None
    except BotoCoreError:
        raise Unavailable from None
