"""A user pool of a real MiniStack behind the dispatcher, with two app clients and one user."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import pytest
import requests

from infra.local.ministack import REGION, MiniStack
from local_cognito.login.user_pool.web_endpoints import WebEndpoints
from tests.support.totp import code_of

PASSWORD = "Example-demo-1"


@dataclass(frozen=True)
class TestPool:
    """A user pool, and what tests do with it.

    `client_id` is a public app client with every flow, which hides whether users exist.
    """

    __test__ = False

    aws: MiniStack
    # The types of boto3 lack the newest operations.
    cognito: Any
    user_pool_id: str
    client_id: str

    def new_user(self, **attributes: str) -> str:
        """Create a confirmed user with a verified e-mail address. Return that address."""
        email = f"{secrets.token_hex(6)}@example.com"
        given = {"email": email, "email_verified": "true", **attributes}
        self.cognito.admin_create_user(
            UserPoolId=self.user_pool_id,
            Username=email,
            UserAttributes=[{"Name": name, "Value": value} for name, value in given.items()],
            MessageAction="SUPPRESS",
        )
        self.cognito.admin_set_user_password(
            UserPoolId=self.user_pool_id, Username=email, Password=PASSWORD, Permanent=True
        )
        return email

    def signs_in(self, email: str, password: str = PASSWORD) -> Any:
        """Return the AuthenticationResult of a sign-in with the password."""
        return self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )["AuthenticationResult"]

    def begins(self, email: str, /, **parameters: str) -> Any:
        """Begin a choice-based sign-in."""
        return self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_AUTH",
            AuthParameters={"USERNAME": email, **parameters},
        )

    def answers(self, asked: Any, email: str, /, **responses: str) -> Any:
        """Answer the challenge of an earlier answer."""
        return self.cognito.respond_to_auth_challenge(
            ClientId=self.client_id,
            ChallengeName=asked["ChallengeName"],
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": email, **responses},
        )

    def sets_up_totp(self, email: str) -> str:
        """Set up an authenticator app as the preferred second factor. Return its secret."""
        token = self.signs_in(email)["AccessToken"]
        secret: str = self.cognito.associate_software_token(AccessToken=token)["SecretCode"]
        self.cognito.verify_software_token(AccessToken=token, UserCode=code_of(secret))
        return secret

    @contextmanager
    def mfa(self, configuration: Literal["ON", "OPTIONAL"]) -> Iterator[None]:
        """Allow or require a second factor, during the block."""
        self.cognito.set_user_pool_mfa_config(
            UserPoolId=self.user_pool_id,
            SoftwareTokenMfaConfiguration={"Enabled": True},
            MfaConfiguration=configuration,
        )
        try:
            yield
        finally:
            self.cognito.set_user_pool_mfa_config(
                UserPoolId=self.user_pool_id, MfaConfiguration="OFF"
            )

    @contextmanager
    def later(self, seconds: int) -> Iterator[None]:
        """Let our operations see a later time, during the block."""
        web = WebEndpoints(self.aws.endpoint_url)
        web.call("LocalSetClock", {"Offset": seconds}, region=REGION)
        try:
            yield
        finally:
            web.call("LocalSetClock", {"Offset": 0}, region=REGION)

    def attributes(self, email: str) -> dict[str, str]:
        user = self.cognito.admin_get_user(UserPoolId=self.user_pool_id, Username=email)
        return {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}

    def mails(self, to: str) -> list[str]:
        """Return the texts sent to an address, the oldest first."""
        answer = requests.get(f"{self.aws.endpoint_url}/_ministack/ses/messages", timeout=10).json()
        sent = [mail for mails in answer["messages"].values() for mail in mails]
        sent.sort(key=lambda mail: float(mail["Timestamp"]))
        return [mail["BodyText"] for mail in sent if mail["To"] == [to]]

    def code(self, to: str) -> str:
        """Return the code of the last message to an address."""
        found = re.search(r"\b\d{6,8}\b", self.mails(to)[-1])
        assert found is not None
        return found[0]


@pytest.fixture(scope="module")
def pool(shared_ministack: MiniStack) -> TestPool:
    shared_ministack.reset()
    cognito: Any = shared_ministack.cognito()
    user_pool_id = cognito.create_user_pool(
        PoolName="tests",
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        Policies={
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]}
        },
    )["UserPool"]["Id"]
    client_id = cognito.create_user_pool_client(
        UserPoolId=user_pool_id,
        ClientName="public",
        ExplicitAuthFlows=[
            "ALLOW_USER_AUTH",
            "ALLOW_USER_PASSWORD_AUTH",
            "ALLOW_USER_SRP_AUTH",
            "ALLOW_REFRESH_TOKEN_AUTH",
        ],
        PreventUserExistenceErrors="ENABLED",
    )["UserPoolClient"]["ClientId"]
    return TestPool(shared_ministack, cognito, user_pool_id, client_id)
