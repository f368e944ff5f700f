"""`/`: what this server is, and where its parts are. A developer opens it, no application does."""

from __future__ import annotations

from markupsafe import Markup
from werkzeug.wrappers import Request, Response

from local_cognito.login.context import Login
from local_cognito.login.rendering import fragment, page


def show(login: Login, request: Request) -> Response:
    del request
    configuration = login.configuration
    url = configuration.application_url
    user_pool_id = login.pool.user_pool_id
    people = (
        fragment("index_person", full_name=user.name, email=user.email, may=user.may)
        for user in configuration.demo_users
    )
    return page(
        "index",
        "Local sign-in service",
        width="broad",
        application=fragment("index_application", url=url) if url else "",
        demo_users=fragment(
            "index_people",
            people=Markup().join(people),
            password=configuration.demo_users[0].password,
        )
        if configuration.demo_users
        else "",
        user_pool_id=user_pool_id,
        aws_endpoint_url=configuration.aws_endpoint_url,
    )
