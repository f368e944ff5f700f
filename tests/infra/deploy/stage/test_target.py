"""A deployment that gets errors from AWS."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore.exceptions import ClientError

from infra.deploy.gateway.domain import Domain
from infra.deploy.gateway.gateway import Gateway
from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.deploy.step import FormerStacks


class _Expired(BaseHTTPRequestHandler):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html"""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = (
            b"<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>"
            b"<Message>The security token is expired</Message></Error></ErrorResponse>"
        )
        self.send_response(403)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in http.server
        pass


@pytest.fixture(scope="module")
def expired() -> Iterator[Target]:
    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), _Expired)) as port:
        yield Target(
            Stage("dev", "eu-west-1"),
            variables={
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                "AWS_ACCESS_KEY_ID": "unknown",
                "AWS_SECRET_ACCESS_KEY": "unknown",
            },
        )


@contextmanager
def _serving(server: ThreadingHTTPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_failed_look_up_of_the_api_is_an_error(expired: Target) -> None:
    """If the API seemed to be missing, a deployment would delete its stack."""
    with pytest.raises(ClientError, match="ExpiredToken"):
        expired.api_url()


def test_failed_look_up_of_a_stack_is_an_error(expired: Target) -> None:
    """If the stack seemed to be missing, a former API would remain and bypass the authorizer."""
    with pytest.raises(ClientError, match="ExpiredToken"):
        FormerStacks(Gateway(), Domain()).find(expired)
