"""The browser's session at the hosted UI. Other apps sign in silently until it expires."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from local_cognito.login.context import SESSION_SECONDS, Login
from local_cognito.login.memory import HostedSession


def cookie_name(login: Login) -> str:
    """Return a name with the port, because browsers share cookies between ports of localhost."""
    return f"local-login-{login.configuration.port}"


def current(login: Login, request: Request) -> HostedSession | None:
    return login.sessions.get(request.cookies.get(cookie_name(login), ""))


def begin(login: Login, request: Request, response: Response, session: HostedSession) -> None:
    """Begin a session under a new key, so that a planted cookie is worth nothing."""
    forget(login, request)
    response.set_cookie(
        cookie_name(login),
        login.sessions.put(session),
        max_age=SESSION_SECONDS,
        path="/",
        secure=False,  # plain http: this is loopback
        httponly=True,
        samesite="Lax",
    )


def end(login: Login, request: Request, response: Response) -> None:
    forget(login, request)
    response.delete_cookie(cookie_name(login), path="/", httponly=True, samesite="Lax")


def forget(login: Login, request: Request) -> None:
    """End the session of a cookie that stays in the browser."""
    session = login.sessions.pop(request.cookies.get(cookie_name(login), ""))
    if session is not None:
        login.hosted_sessions.end(session)
