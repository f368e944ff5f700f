"""Refresh and revoke the tokens of a sign-in through the user pool API.

Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cognito.app_client import AppClient
from cognito.errors import (
    ClientRefused,
    CognitoUnavailable,
    GrantRefused,
    InvalidParameter,
    NotAuthorized,
    PasswordResetRequired,
    RequestRefused,
    Throttled,
    TooManyRequests,
    UserNotConfirmed,
    UserNotFound,
)
from cognito.hosted_ui.endpoints import UnverifiedTokens
from cognito.user_pool.service import Operation, PoolService
from cognito.user_pool.token_answers import tokens_of

logger = logging.getLogger(__name__)

_UNSUPPORTED = "UnsupportedTokenTypeException"

# The user or the token no longer exists, so repeating the call will not help.
_GRANT_ENDED = (NotAuthorized, PasswordResetRequired, UserNotConfirmed, UserNotFound)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class UserPool:
    """The calls of one app client that need tokens but no AWS credentials."""

    service: PoolService
    app_client: AppClient

    def refresh(self, refresh_token: str, *, device_key: str = "") -> UnverifiedTokens:
        """Return new tokens. Their `refresh_token` is None unless the pool rotates it.

        A pool that tracks devices refuses a refresh token without the device key of its sign-in
        (`VerifiedSignIn.device_key`).

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetTokensFromRefreshToken.html
        (InitiateAuth refuses the refresh tokens of clients that rotate them.)

        Raises:
            GrantRefused: the token was revoked, used before or has expired, or its user was
                deleted or disabled.
            RefreshTokenReuse: the pool has already exchanged the token for a newer one.
            CognitoUnavailable: Cognito did not answer.
        """
        device: dict[str, Any] = {"DeviceKey": device_key} if device_key else {}
        return tokens_of(
            self._call(
                lambda client: client.get_tokens_from_refresh_token(
                    RefreshToken=refresh_token, **device, **self._identification()
                )
            )
        )

    def revoke(self, refresh_token: str) -> None:
        """Revoke a refresh token and the tokens issued with it. An expired one is not an error.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeToken.html

        Raises:
            GrantRefused: the token is of another kind, such as an access token.
            CognitoUnavailable: the token may be revoked or not.
        """
        try:
            self._call(
                lambda client: client.revoke_token(Token=refresh_token, **self._identification())
            )
        except GrantRefused as refused:
            if refused.received == _UNSUPPORTED:
                raise

    def sign_out_everywhere(self, access_token: str) -> None:
        """Revoke all refresh tokens of the user, on all devices and for all app clients.

        Needs the scope aws.cognito.signin.user.admin.
        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GlobalSignOut.html

        Raises:
            GrantRefused: the access token has expired or was revoked.
            CognitoUnavailable: the tokens may be revoked or not.
        """
        self._call(lambda client: client.global_sign_out(AccessToken=access_token))

    def _identification(self) -> dict[str, Any]:
        identification = {"ClientId": self.app_client.id}
        if self.app_client.secret:
            identification["ClientSecret"] = self.app_client.secret
        return identification

    def _call(self, operation: Operation) -> Mapping[str, Any]:
        try:
            return self.service.call(operation)
        except _GRANT_ENDED as error:
            raise GrantRefused(received=error.received) from None
        except InvalidParameter as error:
            if error.received == _UNSUPPORTED:
                raise GrantRefused(received=error.received) from None
            # No user typed these: they come from the configuration and from Cognito.
            logger.error(  # noqa: TRY400 # the error name says enough
                "Cognito refuses a parameter of this application (%s). Check COGNITO_CLIENT_ID, "
                "COGNITO_CLIENT_SECRET and the app client's refresh token rotation.",
                error.received,
            )
            raise ClientRefused(reason=str(error.received)) from None
        except TooManyRequests as error:
            raise Throttled(retry_after=error.retry_after, reason=str(error.received)) from None
        except RequestRefused as error:
            raise CognitoUnavailable(reason=str(error.received)) from None
