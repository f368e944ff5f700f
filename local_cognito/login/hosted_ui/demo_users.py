"""Buttons of the sign-in page that sign in as a user of `make run`, with one click.

A form has the user's address only, and the password stays in the configuration.
"""

from __future__ import annotations

from markupsafe import Markup

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.context import Login
from local_cognito.login.memory import Credentials
from local_cognito.login.rendering import fragment


def credentials(login: Login, email: str) -> Credentials | None:
    """Return the credentials of a demo user; None if there is no such one."""
    users = login.configuration.demo_users
    return next(
        (Credentials(user.email, user.password) for user in users if user.email == email), None
    )


def demo_users(login: Login, app_request: AuthorizationRequest) -> Markup:
    users = login.configuration.demo_users
    if not users:
        return Markup()
    forms = (
        fragment(
            "demo_user",
            action=app_request.url("/login", notice=""),
            email=user.email,
            full_name=user.name,
            may=user.may,
        )
        for user in users
    )
    return fragment("demo_users", forms=Markup().join(forms))
