"""Calls of the user pool API."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cognito import deadlines
from cognito.errors import CognitoError, CognitoUnavailable, MalformedAnswer
from cognito.user_pool.aws_clients import AWSClients
from cognito.user_pool.service_errors import error_of

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

Operation = Callable[["CognitoIdentityProviderClient"], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PoolService:
    """The user pool API in one region.

    Attributes:
        endpoint_url: the endpoint of a local AWS; None for AWS itself.
        deadline_seconds: limit of each call. The deadline of the running request shortens it.
        is_signed: whether calls are signed with the AWS credentials that boto3 finds, such as those
            of the Lambda function's role. Calls of operators need them; calls of users do not.
        clients: the clients of the process.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
    """

    region: str
    endpoint_url: str | None = None
    deadline_seconds: float = deadlines.POOL_CALL_SECONDS
    is_signed: bool = False
    clients: AWSClients = field(kw_only=True)

    def call(self, operation: Operation, *, settable: Collection[str] = ()) -> Mapping[str, Any]:
        """Return the answer of one call, a JSON object whose members are not checked.

        Args:
            operation: for example ``lambda client: client.get_user(AccessToken=token)``.
            settable: see `error_of`.

        Raises:
            RequestRefused, RefreshTokenReuse: the pool refuses the call.
            CognitoUnavailable: the answer is missing, late or malformed.
            ClientRefused: the configuration is wrong, which is logged as an error.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 # cold start

        # `from None`, because the texts of botocore and Cognito quote parameters.
        try:
            client = self.clients.client(
                self.region, self.endpoint_url, self.deadline_seconds, is_signed=self.is_signed
            )
            return operation(client)
        except ClientError as error:
            name = error.operation_name
            refusal = error_of(error.response, operation=name, settable=settable)
            self.clients.observer.refused(name, refusal)
            raise refusal from None
        except CognitoError as error:
            raise error from None
        except BotoCoreError as error:
            raise CognitoUnavailable(reason=type(error).__name__) from None
        except (AttributeError, TypeError, ValueError, OverflowError):
            # botocore's parser raises these for members whose types differ from its model.
            raise MalformedAnswer from None
