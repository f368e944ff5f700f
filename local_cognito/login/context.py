"""What every view works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from werkzeug.utils import redirect as redirect_response
from werkzeug.wrappers import Request, Response

from local_cognito.expiring_store import ExpiringStore
from local_cognito.login.authorization_request import AuthorizationRequest, parse
from local_cognito.login.configuration import Configuration
from local_cognito.login.memory import Challenge, Credentials, HostedSession
from local_cognito.login.user_pool.hosted_sessions import HostedSessions
from local_cognito.login.user_pool.passkeys import HostedPasskeys
from local_cognito.login.user_pool.pool import UserPool
from local_cognito.login.user_pool.web_endpoints import WebEndpoints

# An hour after the sign-in, as in Cognito. Use of the session does not extend it.
# https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-managed-login.html
SESSION_SECONDS = 60 * 60
# The user may have to find a phone, install an app, and try a code again.
CHALLENGE_SECONDS = 10 * 60
# The user may have to wait for the e-mail.
SIGN_UP_SECONDS = 30 * 60


@dataclass(frozen=True)
class Login:
    """The parts of the local hosted UI, and its memory."""

    configuration: Configuration
    pool: UserPool
    web: WebEndpoints
    hosted_sessions: HostedSessions
    passkeys: HostedPasskeys
    sessions: ExpiringStore[HostedSession] = field(
        default_factory=lambda: ExpiringStore(seconds=SESSION_SECONDS)
    )
    challenges: ExpiringStore[Challenge] = field(
        default_factory=lambda: ExpiringStore(seconds=CHALLENGE_SECONDS)
    )
    sign_ups: ExpiringStore[Credentials] = field(
        default_factory=lambda: ExpiringStore(seconds=SIGN_UP_SECONDS)
    )

    def requested(self, request: Request) -> AuthorizationRequest:
        """Parse the app's request. Raises BrokenRequest or ErrorRedirect."""
        return parse(request.args, find_client=self.pool.app_client)


View = Callable[[Login, Request], Response]


def redirect(url: str) -> Response:
    """Redirect with 302, as Cognito does. Browsers follow it with GET."""
    response: Response = redirect_response(url, Response=Response)
    # The default page repeats the address, which may contain a code.
    response.set_data(b"")
    return response
