"""The stand-in as a server. It listens on loopback; there is no setting for anything else."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local_cognito.guard import LOOPBACK
from local_cognito.login.application import Application
from local_cognito.login.configuration import Configuration
from local_cognito.login.context import Login
from local_cognito.login.user_pool.pool import UserPool
from local_cognito.login.user_pool.refresh_rotation import Families
from local_cognito.login.user_pool.web_endpoints import AwsWeb

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

logger = logging.getLogger(__name__)


class Handler(WSGIRequestHandler):
    # For a client that connects and says nothing.
    timeout = 30

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Without the query, where states, codes and addresses of people are."""
        del size
        # A request line that makes no sense has no path.
        path = getattr(self, "path", "-").partition("?")[0]
        logger.info("%s %s %s", self.command, path, int(code))

    def log_error(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Without what it is about, which may be a whole request line."""
        del format, args
        logger.info("A request could not be read, or stopped half-way.")

    def version_string(self) -> str:
        return "Gatehouse local login"


def serve(configuration: Configuration) -> None:
    """Until the process ends."""
    make(configuration).serve_forever()


def make(configuration: Configuration) -> BaseWSGIServer:
    """A server that listens. Each request has a thread of its own."""
    return make_server(
        LOOPBACK,
        configuration.port,
        Application(login_of(configuration, families=Families())),
        threaded=True,
        request_handler=Handler,
    )


def login_of(configuration: Configuration, *, families: Families) -> Login:
    """All that views work with. Raises Unavailable or Refused when there is no such pool."""
    cognito = _cognito(configuration)
    return Login(
        configuration=configuration,
        pool=UserPool(cognito, configuration.user_pool_id),
        aws=AwsWeb(configuration.aws_endpoint_url),
        families=families,
    )


def _cognito(configuration: Configuration) -> CognitoIdentityProviderClient:
    return boto3.client(
        "cognito-idp",
        endpoint_url=configuration.aws_endpoint_url,
        region_name=configuration.user_pool_id.partition("_")[0],
        # The only pair that MiniStack knows.
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        # A proxy between this machine and itself would not find the way.
        config=Config(connect_timeout=3, read_timeout=30, proxies={}),
    )
