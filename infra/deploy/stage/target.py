"""A stage in an AWS account: that of the shell's credentials, or the local AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import NoCredentialsError

from infra.aws.client_config import client_config
from infra.aws.stacks import says_that_it_is_missing
from infra.deploy.stage.stage import Stage


@dataclass(frozen=True)
class Target:
    """A stage in an account.

    Attributes:
        variables: of boto3 and Zappa, on top of the process's environment.
        api_url_pattern, key_set_url_pattern: addresses of APIs, and of the keys of user pools.
        settings: variables of the application that have other values than on AWS.
        has_metric_math: whether alarms can compute a ratio, which the local AWS cannot.
        polling_seconds: the pause between two requests for the state of a change.
    """

    stage: Stage
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    api_url_pattern: str = "https://{api_id}.execute-api.{region}.amazonaws.com/{stage}"
    key_set_url_pattern: str = (
        "https://cognito-idp.{region}.amazonaws.com/{user_pool_id}/.well-known/jwks.json"
    )
    settings: Mapping[str, str] = field(default_factory=dict)
    has_metric_math: bool = True
    polling_seconds: float = 3

    def client(self, service: str, config: Config | None = None) -> Any:
        """Return a boto3 client, untyped, because type stubs of most services are not installed."""
        return self._session.client(
            service,  # type: ignore[call-overload] # as above
            endpoint_url=self.variables.get("AWS_ENDPOINT_URL"),
            config=client_config().merge(config) if config else client_config(),
        )

    def child_variables(self) -> dict[str, str]:
        """Return variables for another program that works with the same credentials.

        A profile may ask for the code of a second factor, and a program without a terminal cannot
        ask. So it gets the credentials of this process, only in its environment.

        Raises:
            NoCredentialsError: there are no credentials.
            EOFError: there is no terminal to type a code in.
        """
        credentials = self._session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        frozen = credentials.get_frozen_credentials()
        found = {
            "AWS_ACCESS_KEY_ID": frozen.access_key,
            "AWS_SECRET_ACCESS_KEY": frozen.secret_key,
            "AWS_SESSION_TOKEN": frozen.token,
        }
        return {
            **self.variables,
            **{name: value for name, value in found.items() if value},
            "AWS_DEFAULT_REGION": self.stage.region,
        }

    def seconds_left(self) -> float | None:
        """Return how long the credentials are valid, or None if that is unknown."""
        credentials = self._session.get_credentials()
        if credentials is None:
            return None
        # boto3 fetches the credentials of a profile at their first use.
        credentials.get_frozen_credentials()
        expiry: datetime | None = getattr(credentials, "_expiry_time", None)
        return (expiry - datetime.now(UTC)).total_seconds() if expiry else None

    def resource_id(self, stack: str, logical_id: str) -> str | None:
        """Return the physical id of a resource, or None if it does not exist.

        Raises:
            ClientError: AWS did not answer, so that it is not known whether the resource exists.
        """
        cloudformation = self.client("cloudformation")
        try:
            resource = cloudformation.describe_stack_resource(
                StackName=stack, LogicalResourceId=logical_id
            )["StackResourceDetail"]
        except cloudformation.exceptions.ClientError as error:
            if says_that_it_is_missing(error):
                return None
            raise
        if resource["ResourceStatus"] == "DELETE_COMPLETE":
            return None
        # A resource has no id while its stack is being made, or after a rollback.
        return resource.get("PhysicalResourceId") or None

    def api_url(self, stack: str | None = None) -> str | None:
        """Return the address of the stage's API, or None before it exists.

        Args:
            stack: the stack with the API; the present one by default.

        Raises:
            ClientError: AWS did not answer, so that it is not known whether there is an API.
        """
        api_id = self.resource_id(stack or self.stage.api_stack, "Api")
        return api_id and self.api_url_pattern.format(
            api_id=api_id, region=self.stage.region, stage=self.stage.name
        )

    def key_set_url(self, user_pool_id: str) -> str:
        return self.key_set_url_pattern.format(region=self.stage.region, user_pool_id=user_pool_id)

    def api_id(self) -> str | None:
        return self.resource_id(self.stage.api_stack, "Api")

    @cached_property
    def _session(self) -> boto3.Session:
        """Return a session for all clients, so that it loads credentials and models only once."""
        return boto3.Session(
            aws_access_key_id=self.variables.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=self.variables.get("AWS_SECRET_ACCESS_KEY"),
            region_name=self.stage.region,
        )
