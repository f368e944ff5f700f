"""One call of the user pool's API: boto3 for the protocol, our own transport for the network.

boto3 alone bounds neither the time of a whole call nor the size of an answer, takes proxies from
the environment, and makes an empty success of an HTML page. So it writes requests and reads
answers, and `cognito.wire.http` sends them: https://docs.aws.amazon.com/botocore/latest/topics/events.html
(before-send).

Nothing is sent twice. Each exchange has a connection of its own, so that none fails because an old
one was dropped; and what failed may have counted as an attempt, or sent a mail.
"""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from cognito import deadlines
from cognito.errors import (
    ClientRefused,
    CognitoError,
    CognitoUnavailable,
    CredentialsUnavailable,
    MalformedAnswer,
    NoTimeLeft,
)
from cognito.user_pool.service_errors import error_of
from cognito.wire.http import Answer, exchange
from cognito.wire.strict_json import NotStrictJSON, parse_object

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

logger = logging.getLogger(__name__)

# Three tokens, and room to recognize one that is too long: see cognito/hosted_ui/endpoints.py.
MAX_ANSWER_BYTES = 1_048_576
# "An HTTP 200 response with an empty HTTP body", says its page, and a mistake about it is harmless.
_MAY_ANSWER_NOTHING = frozenset({"RevokeToken"})

Operation = Callable[["CognitoIdentityProviderClient"], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PoolService:
    """The user pool's API in one region.

    Attributes:
        endpoint_url: another endpoint than AWS's, such as a local AWS; None for AWS.
        deadline_seconds: for each call, whatever the network does. A request that has less time
            left gives it less.
        is_signed: whether calls carry AWS credentials, boto3's own: those of the Lambda function's
            role, or of the environment. What users do needs none; what operators do does.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
    """

    region: str
    endpoint_url: str | None = None
    deadline_seconds: float = deadlines.POOL_CALL_SECONDS
    is_signed: bool = False

    def call(self, operation: Operation, *, settable: Collection[str] = ()) -> Mapping[str, Any]:
        """The answer of one call, such as ``lambda client: client.get_user(AccessToken=token)``.

        A JSON object, or empty where the operation answers nothing; its members are not checked.

        Args:
            settable: see `error_of`.

        Raises:
            RequestRefused, RefreshTokenReuse: the pool says no.
            CognitoUnavailable: no answer, or not in time, or one that makes no sense; ClientRefused
                if our own configuration is the cause, which is then logged as an error.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 # cold start

        # Causes are dropped: the texts of botocore and Cognito quote parameters.
        try:
            client = _client(
                self.region, self.endpoint_url, self.deadline_seconds, is_signed=self.is_signed
            )
            return operation(client)
        except ClientError as error:
            raise error_of(
                error.response, operation=error.operation_name, settable=settable
            ) from None
        except CognitoError as error:
            raise error from None
        except BotoCoreError as error:
            raise CognitoUnavailable(reason=type(error).__name__) from None
        except (AttributeError, TypeError, ValueError, OverflowError):
            # What botocore's reader makes of members whose types are not those of its model.
            raise MalformedAnswer from None


# boto3 reads its model of the service once for all clients, which two threads must not do at once.
_making_a_client = threading.Lock()
# A lock of its own: credentials may be asked for over the network, and most calls need none.
_looking_for_credentials = threading.Lock()


def _client(
    region: str, endpoint_url: str | None, deadline_seconds: float, *, is_signed: bool
) -> CognitoIdentityProviderClient:
    if is_signed:
        _demand_credentials(deadline_seconds)
    with _making_a_client:
        return _new_client(region, endpoint_url, deadline_seconds, is_signed=is_signed)


def _demand_credentials(deadline_seconds: float) -> None:
    """Have the session know its credentials.

    Not left to the client, which would remember for ever that there were none, and which would
    fetch or renew them without a deadline: boto3 waits a minute and more for a role or a metadata
    service.
    """
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 # cold start

    try:
        with _making_a_client:
            # The first one imports boto3, for seconds on a small Lambda function. That is no wait.
            session = _session()
        seconds = deadlines.call_seconds(deadline_seconds)
        if not seconds:
            raise NoTimeLeft
        are_known = deadlines.run_within(
            seconds, partial(_find_credentials, session), name="aws-credentials"
        )
    except deadlines.OutOfTime:
        raise CredentialsUnavailable(reason=f"no answer within {seconds:.1f} s") from None
    except deadlines.OutOfThreads as error:
        raise CredentialsUnavailable(reason=str(error)) from None
    except BotoCoreError as error:
        raise CredentialsUnavailable(reason=type(error).__name__) from None
    if not are_known:
        logger.error(
            "There are no AWS credentials to call the user pool with.",
            extra={"outage": "AWS credentials"},
        )
        raise ClientRefused(reason="NoCredentials")


def _find_credentials(session: Any) -> bool:
    with _looking_for_credentials:
        credentials = session.get_credentials()
        if credentials is not None:
            # Renews those that are about to expire.
            credentials.get_frozen_credentials()
    return credentials is not None


@lru_cache(maxsize=16)
def _new_client(
    region: str, endpoint_url: str | None, deadline_seconds: float, *, is_signed: bool
) -> CognitoIdentityProviderClient:
    from botocore import UNSIGNED  # noqa: PLC0415 # as below
    from botocore.config import Config  # noqa: PLC0415 # as below

    client: CognitoIdentityProviderClient = _session().client(
        "cognito-idp",
        region_name=region,
        endpoint_url=endpoint_url,
        config=Config(
            signature_version="v4" if is_signed else UNSIGNED,
            retries={"total_max_attempts": 1},
            # The pool judges parameters; botocore's own errors repeat them.
            parameter_validation=False,
        ),
    )

    def send(request: Any, event_name: str, **_: object) -> AWSResponse:
        name = event_name.rpartition(".")[2]
        shape = client.meta.service_model.operation_model(name).output_shape
        answer = _exchange(request, deadline_seconds)
        may_be_empty = shape is None or name in _MAY_ANSWER_NOTHING
        return _response(request.url, answer, may_be_empty=may_be_empty)

    # The stubs know of handlers that answer nothing only.
    client.meta.events.register("before-send.cognito-identity-provider", send)  # type: ignore[arg-type]
    return client


@lru_cache(maxsize=1)
def _session() -> Any:
    import boto3  # noqa: PLC0415 # 100 ms of cold start, for what few requests need

    # At DEBUG botocore logs requests and answers as they are: passwords, codes, tokens.
    logging.getLogger("botocore").setLevel(logging.INFO)
    return boto3.Session()


def _exchange(request: Any, deadline_seconds: float) -> Answer:
    """`request` is an AWSPreparedRequest, whose types promise less than what is in it."""
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
    """The answer as botocore takes it; anything but JSON is no success, and no readable error."""
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
