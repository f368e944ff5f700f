"""The user pool's own API, through boto3: renewing and revoking what a sign-in left behind.

Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cognito import deadlines
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

# The user, the sign-in or the token is no more: asking again will not help.
_GRANT_IS_OVER = (NotAuthorized, PasswordResetRequired, UserNotConfirmed, UserNotFound)


@dataclass(frozen=True, slots=True)
class UserPool:
    """The pool's API as one app client sees it. No AWS credentials are needed for any of this.

    Attributes:
        endpoint_url: another endpoint than AWS's, such as a local AWS; None for AWS.
        deadline_seconds: for each call.
    """

    region: str
    app_client: AppClient
    endpoint_url: str | None = None
    deadline_seconds: float = deadlines.POOL_CALL_SECONDS

    def refresh(self, refresh_token: str, *, device_key: str = "") -> UnverifiedTokens:
        """New tokens for a refresh token. `refresh_token` is None unless the pool rotated it.

        A pool that tracks devices refuses refresh tokens without the device key of their sign-in
        (`VerifiedSignIn.device_key`).

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetTokensFromRefreshToken.html
        and not InitiateAuth, which refuses refresh tokens of clients that rotate them.

        Raises:
            GrantRefused: the token is revoked, expired or spent, or its user is gone or disabled.
                Its leaf RefreshTokenReuse if the pool exchanged it for a newer one.
            CognitoUnavailable: nobody can tell now.
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
        """Ends a refresh token and all that came of it. One that is over already is no error.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeToken.html

        Raises:
            GrantRefused: it is a token of another kind, such as an access token.
            CognitoUnavailable: it could not be done.
        """
        try:
            self._call(
                lambda client: client.revoke_token(Token=refresh_token, **self._identification())
            )
        except GrantRefused as refused:
            if refused.received == _UNSUPPORTED:
                raise

    def sign_out_everywhere(self, access_token: str) -> None:
        """Ends every refresh token of the access token's user, on every device and client.

        Needs the scope aws.cognito.signin.user.admin.
        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GlobalSignOut.html

        Raises:
            GrantRefused: the access token is over.
            CognitoUnavailable: it could not be done.
        """
        self._call(lambda client: client.global_sign_out(AccessToken=access_token))

    def _identification(self) -> dict[str, Any]:
        identification = {"ClientId": self.app_client.id}
        if self.app_client.secret:
            identification["ClientSecret"] = self.app_client.secret
        return identification

    def _call(self, operation: Operation) -> Mapping[str, Any]:
        service = PoolService(self.region, self.endpoint_url, self.deadline_seconds)
        try:
            return service.call(operation)
        except _GRANT_IS_OVER as error:
            raise GrantRefused(received=error.received) from None
        except InvalidParameter as error:
            if error.received == _UNSUPPORTED:
                raise GrantRefused(received=error.received) from None
            # Nobody typed these: they are our app client's, and tokens that Cognito made.
            logger.error(  # noqa: TRY400 # the name says it all
                "Cognito refuses a parameter of this application (%s): check COGNITO_CLIENT_ID, "
                "COGNITO_CLIENT_SECRET and the app client's refresh token rotation.",
                error.received,
            )
            raise ClientRefused(reason=str(error.received)) from None
        except TooManyRequests as error:
            raise Throttled(retry_after=error.retry_after, reason=str(error.received)) from None
        except RequestRefused as error:
            raise CognitoUnavailable(reason=str(error.received)) from None
