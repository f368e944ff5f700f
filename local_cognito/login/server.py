"""The server of the local hosted UI. It listens on loopback, except in a container."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local_cognito.login.application import Application
from local_cognito.login.configuration import Configuration
from local_cognito.login.context import Login
from local_cognito.login.user_pool.hosted_sessions import HostedSessions
from local_cognito.login.user_pool.passkeys import HostedPasskeys
from local_cognito.login.user_pool.pool import UserPool
from local_cognito.login.user_pool.web_endpoints import WebEndpoints

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

logger = logging.getLogger(__name__)


class Handler(WSGIRequestHandler):
    # For a client that connects and sends nothing.
    timeout = 30

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log a request without its query, which contains states, codes and e-mail addresses."""
        del size
        # A malformed request line has no path.
        path = getattr(self, "path", "-").partition("?")[0]
        logger.info("%s %s %s", self.command, path, int(code))

    def log_error(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Log an error without its text, which may contain a whole request line."""
        del format, args
        logger.info("A request was malformed or incomplete.")

    def version_string(self) -> str:
        return "Gatehouse local login"


def serve(configuration: Configuration) -> None:
    """Serve until the process ends."""
    make(configuration).serve_forever()


def make(configuration: Configuration) -> BaseWSGIServer:
    """Return a listening server with a thread for each request."""
    return make_server(
        configuration.listen,
        configuration.port,
        Application(login_of(configuration)),
        threaded=True,
        request_handler=Handler,
    )


def login_of(configuration: Configuration) -> Login:
    """Connect to the pool. Raises Unavailable, or Refused if there is no such pool."""
    cognito = _cognito(configuration)
    web = WebEndpoints(configuration.aws_endpoint_url)
    pool = UserPool(cognito, configuration.user_pool_id)
    return Login(
        configuration=configuration,
        pool=pool,
        web=web,
        hosted_sessions=HostedSessions(web, configuration.user_pool_id),
        passkeys=HostedPasskeys(web, configuration.user_pool_id, pool.own_client_id),
    )


def _cognito(configuration: Configuration) -> CognitoIdentityProviderClient:
    return boto3.client(
        "cognito-idp",
        endpoint_url=configuration.aws_endpoint_url,
        region_name=configuration.user_pool_id.partition("_")[0],
        # The only credentials that MiniStack knows.
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        # A proxy of the developer's network cannot reach this machine's loopback.
        config=Config(connect_timeout=3, read_timeout=30, proxies={}),
    )
