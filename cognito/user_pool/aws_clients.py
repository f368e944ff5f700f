"""Clients of the user pool API: boto3 for the protocol, our own transport for the network.

boto3 alone bounds neither the time of a whole call nor the size of an answer, takes proxies from
the environment, and reads an HTML page as an empty success. It therefore only writes requests and
reads answers; `cognito.wire.http` sends them. The event is "before-send", see
https://docs.aws.amazon.com/botocore/latest/topics/events.html

No call is repeated, because a failed call may have counted as an attempt, or sent a message. Each
call opens a new connection, so that none fails because the server dropped an idle one.
"""

from __future__ import annotations

import io
import logging
import threading
from functools import cached_property, lru_cache, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from cognito import deadlines
from cognito.errors import (
    ClientRefused,
    CognitoUnavailable,
    CredentialsUnavailable,
    MalformedAnswer,
    NoTimeLeft,
)
from cognito.wire.call_observer import CallObserver, IgnoredCalls
from cognito.wire.http import Answer, exchange
from cognito.wire.strict_json import NotStrictJSON, parse_object

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

logger = logging.getLogger(__name__)

# Three tokens, and enough room to recognize one that is too long.
MAX_ANSWER_BYTES = 1_048_576
# Its documentation promises "an HTTP 200 response with an empty HTTP body".
_MAY_ANSWER_NOTHING = frozenset({"RevokeToken"})


class AWSClients:
    """A boto3 session and its clients, each made when it is first used.

    One object serves all threads of a process. Making it does no I/O.

    Attributes:
        observer: is told about each call.
    """

    def __init__(self) -> None:
        self.observer: CallObserver = IgnoredCalls()
        # boto3 loads its model of the service once for all clients, which is not thread-safe.
        self._making = threading.Lock()
        # A separate lock: finding credentials can use the network, and most calls need none.
        self._looking_for_credentials = threading.Lock()
        self._make = lru_cache(maxsize=16)(self._new_client)

    def client(
        self, region: str, endpoint_url: str | None, deadline_seconds: float, *, is_signed: bool
    ) -> CognitoIdentityProviderClient:
        """Return the client whose calls take at most `deadline_seconds`.

        Raises:
            CognitoUnavailable: the calls are signed, and AWS credentials are unavailable.
        """
        if is_signed:
            try:
                self._require_credentials(deadline_seconds)
            except CognitoUnavailable as error:
                self.observer.refused("Credentials", error)
                raise
        with self._making:
            return self._make(region, endpoint_url, deadline_seconds, is_signed=is_signed)

    @cached_property
    def _session(self) -> Any:
        import boto3  # noqa: PLC0415 # 100 ms of cold start, which few requests need

        # At DEBUG, botocore logs requests and answers with passwords, codes and tokens.
        logging.getLogger("botocore").setLevel(logging.INFO)
        return boto3.Session()

    def _require_credentials(self, deadline_seconds: float) -> None:
        """Make the session find or renew its credentials within the deadline.

        The client would do it without a deadline: boto3 waits over a minute for a role or a
        metadata service. It would also remember forever that it found none.
        """
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415 # cold start

        try:
            with self._making:
                # The first call imports boto3, which takes seconds of computing on a small Lambda
                # function. They do not count as waiting.
                session = self._session
            seconds = deadlines.call_seconds(deadline_seconds)
            if not seconds:
                raise NoTimeLeft
            are_known = deadlines.run_within(
                seconds, partial(self._find_credentials, session), name="aws-credentials"
            )
        except deadlines.OutOfTime:
            raise CredentialsUnavailable(reason=f"no answer within {seconds:.1f} s") from None
        except deadlines.OutOfThreads as error:
            raise CredentialsUnavailable(reason=str(error)) from None
        except BotoCoreError as error:
            raise CredentialsUnavailable(reason=type(error).__name__) from None
        if not are_known:
            logger.error(
                "There are no AWS credentials for the operators' calls, which sign-up and password "
                "reset in the API make as well. Give this application a role, or set "
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
                extra={"outage": "AWS credentials"},
            )
            raise ClientRefused(reason="NoCredentials")

    def _find_credentials(self, session: Any) -> bool:
        with self._looking_for_credentials:
            credentials = session.get_credentials()
            if credentials is not None:
                # This renews credentials that are about to expire.
                credentials.get_frozen_credentials()
        return credentials is not None

    def _new_client(
        self, region: str, endpoint_url: str | None, deadline_seconds: float, *, is_signed: bool
    ) -> CognitoIdentityProviderClient:
        from botocore import UNSIGNED  # noqa: PLC0415 # as below
        from botocore.config import Config  # noqa: PLC0415 # as below

        client: CognitoIdentityProviderClient = self._session.client(
            "cognito-idp",
            region_name=region,
            endpoint_url=endpoint_url,
            config=Config(
                signature_version="v4" if is_signed else UNSIGNED,
                retries={"total_max_attempts": 1},
                # The pool validates parameters; botocore's errors would quote them.
                parameter_validation=False,
            ),
        )

        def send(request: Any, event_name: str, **_: object) -> AWSResponse:
            name = event_name.rpartition(".")[2]
            shape = client.meta.service_model.operation_model(name).output_shape
            may_be_empty = shape is None or name in _MAY_ANSWER_NOTHING
            with self.observer.calling(name):
                answer = _exchange(request, deadline_seconds)
                return _response(request.url, answer, may_be_empty=may_be_empty)

        # The stubs do not know that a handler may return an answer.
        client.meta.events.register("before-send.cognito-identity-provider", send)  # type: ignore[arg-type]
        return client


def _exchange(request: Any, deadline_seconds: float) -> Answer:
    """Send an AWSPreparedRequest. It is typed as Any because its stubs are incomplete."""
    headers = {
        name: value.decode("latin-1") if isinstance(value, bytes) else value
        for name, value in request.headers.items()
        if name != "Content-Length"
    }
    return exchange(
        "POST",
        request.url,
        content=request.body,
        headers=headers,
        deadline_seconds=deadline_seconds,
        max_bytes=MAX_ANSWER_BYTES,
    )


def _response(url: str, answer: Answer, *, may_be_empty: bool) -> AWSResponse:
    """Return the answer in botocore's form. A success that is not JSON is a MalformedAnswer."""
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415 # cold start
    from botocore.compat import HTTPHeaders  # noqa: PLC0415 # cold start
    from urllib3 import HTTPResponse  # noqa: PLC0415 # cold start

    body = answer.body
    if answer.status == HTTPStatus.OK and not body and may_be_empty:
        body = b"{}"
    try:
        parse_object(body)
    except NotStrictJSON:
        if answer.status < HTTPStatus.BAD_REQUEST:
            raise MalformedAnswer from None
        body = b"{}"
    if answer.status != HTTPStatus.OK and answer.status < HTTPStatus.BAD_REQUEST:
        raise MalformedAnswer
    raw = HTTPResponse(body=io.BytesIO(body), preload_content=False)
    return AWSResponse(url, answer.status, HTTPHeaders.from_dict(dict(answer.headers)), raw)
