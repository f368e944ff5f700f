"""What every view works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from werkzeug.utils import redirect as redirect_response
from werkzeug.wrappers import Request, Response

from local_cognito.login.authorization_request import AuthorizationRequest, parse
from local_cognito.login.challenge import Challenge
from local_cognito.login.configuration import Configuration
from local_cognito.login.memory import ExpiringStore
from local_cognito.login.signed_in import SECONDS as SESSION_SECONDS
from local_cognito.login.signed_in import Session
from local_cognito.login.user_pool.pool import UserPool
from local_cognito.login.user_pool.refresh_rotation import Families
from local_cognito.login.user_pool.web_endpoints import AwsWeb
from local_cognito.usernames import normalised

# To find the phone, install an app, and try a code again.
CHALLENGE_SECONDS = 10 * 60
# To find the mail.
NEWCOMER_SECONDS = 30 * 60


@dataclass(frozen=True)
class Login:
    """The stand-in's parts, and what it remembers until it ends."""

    configuration: Configuration
    pool: UserPool
    aws: AwsWeb
    families: Families
    sessions: ExpiringStore[Session] = field(
        default_factory=lambda: ExpiringStore(seconds=SESSION_SECONDS)
    )
    challenges: ExpiringStore[Challenge] = field(
        default_factory=lambda: ExpiringStore(seconds=CHALLENGE_SECONDS)
    )
    newcomers: ExpiringStore[Session] = field(
        default_factory=lambda: ExpiringStore(seconds=NEWCOMER_SECONDS)
    )

    def asked(self, request: Request) -> AuthorizationRequest:
        """What the app asked for, from the address. Raises BrokenRequest or ErrorRedirect."""
        return parse(request.args, find_client=self.pool.app_client)


View = Callable[[Login, Request], Response]


def redirect(url: str) -> Response:
    """302, as Cognito does. Browsers follow it with GET."""
    response: Response = redirect_response(url, Response=Response)
    # The page of the redirect would repeat an address that has a code in it.
    response.set_data(b"")
    return response


def address(unverified: str) -> str:
    """An e-mail address as user name: MiniStack tells capitals from small letters, AWS does not."""
    return normalised(unverified)
