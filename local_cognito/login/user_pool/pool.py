"""The user pool's API, as far as the pages need it.

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

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import (
        UserPoolClientDescriptionTypeDef,
        UserPoolTypeTypeDef,
    )

# Managed login signs people in whatever flows a client allows to itself: so does this one, by a
# client of its own, whose tokens are thrown away.
OWN_CLIENT = "local-managed-login"

_RULES = (
    ("RequireUppercase", "a capital letter"),
    ("RequireLowercase", "a small letter"),
    ("RequireNumbers", "a digit"),
    ("RequireSymbols", "a symbol"),
)

_CLIENT_ID = re.compile(r"\w{1,128}", re.ASCII)


@dataclass(frozen=True)
class Answer:
    """Of the pool to a password: what it asks for next, or an access token to set up MFA with."""

    challenge: str = ""
    session: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)


class UserPool:
    """User names are e-mail addresses in lower case: MiniStack compares them by case."""

    def __init__(self, cognito: CognitoIdentityProviderClient, user_pool_id: str) -> None:
        self.user_pool_id = user_pool_id
        self._cognito = cognito
        self._own_client_id = self._ensure_own_client()

    def app_client(self, unverified_client_id: str) -> AppClient | None:
        if not _CLIENT_ID.fullmatch(unverified_client_id):
            return None
        try:
            with _answers():
                described = self._cognito.describe_user_pool_client(
                    UserPoolId=self.user_pool_id, ClientId=unverified_client_id
                )
                return AppClient.described(described["UserPoolClient"])
        except Refused as refused:
            if refused.code == "ResourceNotFoundException":
                return None
            raise

    def app_origins(self) -> frozenset[str]:
        """The origins of all callback URLs in the pool. Raises Unavailable."""
        with _answers():
            clients = [
                self._cognito.describe_user_pool_client(
                    UserPoolId=self.user_pool_id, ClientId=client["ClientId"]
                )["UserPoolClient"]
                for client in self._clients()
            ]
        urls = (urlsplit(url) for client in clients for url in client.get("CallbackURLs", ()))
        return frozenset(f"{url.scheme}://{url.netloc}" for url in urls)

    def allows_sign_up(self) -> bool:
        config = self._description().get("AdminCreateUserConfig", {})
        return not config.get("AllowAdminCreateUserOnly", False)

    def required_attributes(self) -> tuple[str, ...]:
        """That a sign-up asks for, besides the e-mail address."""
        return tuple(
            attribute["Name"]
            for attribute in self._description().get("SchemaAttributes", [])
            if attribute.get("Required") and attribute["Name"] not in {"sub", "email"}
        )

    def password_hint(self) -> str:
        """The pool's rules, in a sentence."""
        policy = self._description().get("Policies", {}).get("PasswordPolicy", {})
        parts = [f"At least {policy.get('MinimumLength', 8)} characters"]
        parts += [kind for rule, kind in _RULES if policy.get(rule)]
        return f"{', '.join(parts)}."

    def _description(self) -> UserPoolTypeTypeDef:
        with _answers():
            return self._cognito.describe_user_pool(UserPoolId=self.user_pool_id)["UserPool"]

    def answer(self, username: str, password: str) -> Answer:
        """To a password. Raises Refused."""
        with _answers():
            answer: Mapping[str, Any] = self._cognito.admin_initiate_auth(
                UserPoolId=self.user_pool_id,
                ClientId=self._own_client_id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": username, "PASSWORD": password},
            )
        if answer.get("ChallengeName"):
            return Answer(answer["ChallengeName"], answer.get("Session", ""))
        access_token = answer["AuthenticationResult"]["AccessToken"]
        # MiniStack leaves this challenge out.
        if self._must_set_up_second_factor(username):
            return Answer("MFA_SETUP", access_token=access_token)
        return Answer(access_token=access_token)

    def set_password(self, username: str, password: str) -> None:
        """In the place of a temporary one. Raises Refused.

        By this call, because MiniStack's answer to NEW_PASSWORD_REQUIRED takes any password.
        """
        with _answers():
            self._cognito.admin_set_user_password(
                UserPoolId=self.user_pool_id, Username=username, Password=password, Permanent=True
            )

    def answer_code(self, username: str, session: str, code: str) -> None:
        """Of an authenticator app. Raises Refused."""
        with _answers():
            self._cognito.admin_respond_to_auth_challenge(
                UserPoolId=self.user_pool_id,
                ClientId=self._own_client_id,
                ChallengeName="SOFTWARE_TOKEN_MFA",
                Session=session,
                ChallengeResponses={"USERNAME": username, "SOFTWARE_TOKEN_MFA_CODE": code},
            )

    def begin_second_factor(self, access_token: str) -> str:
        """A new secret for an authenticator app, in base32."""
        with _answers():
            return self._cognito.associate_software_token(AccessToken=access_token)["SecretCode"]

    def finish_second_factor(self, access_token: str, code: str) -> None:
        """Raises Refused."""
        with _answers():
            self._cognito.verify_software_token(AccessToken=access_token, UserCode=code)

    def sign_up(
        self, client: AppClient, username: str, password: str, attributes: Mapping[str, str]
    ) -> bool:
        """Says whether the user has yet to confirm the address. Raises Refused."""
        with _answers():
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
        with _answers():
            self._cognito.confirm_sign_up(
                ClientId=client.client_id,
                Username=username,
                ConfirmationCode=code,
                **client.secret_hash(username),
            )

    def resend_code(self, client: AppClient, username: str) -> None:
        """Raises Refused."""
        with _answers():
            self._cognito.resend_confirmation_code(
                ClientId=client.client_id, Username=username, **client.secret_hash(username)
            )

    def forgot_password(self, client: AppClient, username: str) -> None:
        """Raises Refused."""
        with _answers():
            self._cognito.forgot_password(
                ClientId=client.client_id, Username=username, **client.secret_hash(username)
            )

    def reset_password(self, client: AppClient, username: str, code: str, password: str) -> None:
        """Raises Refused."""
        with _answers():
            self._cognito.confirm_forgot_password(
                ClientId=client.client_id,
                Username=username,
                ConfirmationCode=code,
                Password=password,
                **client.secret_hash(username),
            )
            # What infra/triggers/post_confirmation.py does, a trigger that MiniStack does not know.
            self._cognito.admin_user_global_sign_out(
                UserPoolId=self.user_pool_id, Username=username
            )

    def refresh(self, client: AppClient, refresh_token: str) -> Mapping[str, Any]:
        """AccessToken, IdToken, ExpiresIn. Raises Refused.

        By this call, because MiniStack's own `/oauth2/token` drops the groups.
        """
        with _answers():
            answer = self._cognito.get_tokens_from_refresh_token(
                RefreshToken=refresh_token, **client.identification()
            )
        return answer["AuthenticationResult"]

    def revoke(self, client: AppClient, refresh_token: str) -> None:
        """Ends the sign-in that the token stands for. Raises Refused."""
        with _answers():
            self._cognito.revoke_token(Token=refresh_token, **client.identification())

    def _must_set_up_second_factor(self, username: str) -> bool:
        with _answers():
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
        with _answers():
            for client in self._clients():
                if client["ClientName"] == OWN_CLIENT:
                    return client["ClientId"]
            created = self._cognito.create_user_pool_client(
                UserPoolId=self.user_pool_id,
                ClientName=OWN_CLIENT,
                GenerateSecret=False,
                ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
                PreventUserExistenceErrors="ENABLED",
            )
        return created["UserPoolClient"]["ClientId"]


@contextmanager
def _answers() -> Iterator[None]:
    """Causes are dropped: the texts of botocore can quote parameters."""
    try:
        yield
    except ClientError as error:
        detail = error.response["Error"]
        raise Refused(detail["Code"], detail.get("Message", "")) from None
    except ParamValidationError:
        raise Refused(
            "InvalidParameterException", "What was entered is not in the right form."
        ) from None
    except BotoCoreError:
        raise Unavailable from None
