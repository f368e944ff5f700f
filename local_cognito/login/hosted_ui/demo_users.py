"""Buttons of the sign-in page that sign in as a user of `make run`, with one click."""

from __future__ import annotations

from markupsafe import Markup

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.context import Login
from local_cognito.login.rendering import fragment


def demo_users(login: Login, app_request: AuthorizationRequest) -> Markup:
    users = login.configuration.demo_users
    if not users:
        return Markup()
    forms = (
        fragment(
            "demo_user",
            action=app_request.url("/login", notice=""),
            email=user.email,
            password=user.password,
            full_name=user.name,
            may=user.may,
        )
        for user in users
    )
    return fragment("demo_users", forms=Markup().join(forms))
