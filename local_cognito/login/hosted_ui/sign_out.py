"""`/logout`: end the browser's session at the hosted UI, and return to the app.

https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
"""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from local_cognito.login.context import Login, redirect
from local_cognito.login.errors import BrokenRequest
from local_cognito.login.hosted_ui import browser_session


def log_out(login: Login, request: Request) -> Response:
    """Redirect to `logout_uri`; or, with `redirect_uri`, to the sign-in page for another user."""
    response = redirect(_target(login, request))
    browser_session.end(login, request, response)
    return response


def _target(login: Login, request: Request) -> str:
    logout_uri = request.args.get("logout_uri")
    if logout_uri is None:
        return login.requested(request).url("/login")
    client = login.pool.app_client(request.args.get("client_id", ""))
    if client is None:
        raise BrokenRequest("The app client (client_id) does not exist in this user pool.")
    if logout_uri not in client.logout_urls:
        raise BrokenRequest(
            "The address to return to (logout_uri) is not a sign-out URL of the app client. The "
            "two are compared character by character."
        )
    return logout_uri
