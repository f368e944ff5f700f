"""The browser's session at the sign-in service: other apps sign in silently while it lasts.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-managed-login.html: an
hour, which using it does not prolong.
"""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from local_cognito.login.context import Login
from local_cognito.login.signed_in import SECONDS, Session


def cookie_name(login: Login) -> str:
    """With the port in it: cookies do not tell the ports of localhost apart, and clones differ."""
    return f"local-login-{login.configuration.port}"


def current(login: Login, request: Request) -> Session | None:
    return login.sessions.get(request.cookies.get(cookie_name(login), ""))


def begin(login: Login, request: Request, response: Response, session: Session) -> None:
    """Under a new key: one that somebody planted beforehand is worth nothing."""
    forget(login, request)
    response.set_cookie(
        cookie_name(login),
        login.sessions.put(session),
        max_age=SECONDS,
        path="/",
        secure=False,  # plain http: this is loopback
        httponly=True,
        samesite="Lax",
    )


def end(login: Login, request: Request, response: Response) -> None:
    forget(login, request)
    response.delete_cookie(cookie_name(login), path="/", httponly=True, samesite="Lax")


def forget(login: Login, request: Request) -> None:
    """So that the cookie, which stays, is worth nothing."""
    login.sessions.pop(request.cookies.get(cookie_name(login), ""))
