"""The AWS account that is deployed to: the one of the shell's credentials, or a local one."""

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
from infra.aws.provision import says_that_it_is_missing
from infra.deploy.stage.stage import Stage


@dataclass(frozen=True)
class Target:
    """A stage in an account.

    Attributes:
        variables: boto3's own, on top of the process's environment; Zappa gets them as well.
        api_url_pattern, key_set_url_pattern: where APIs answer, and pools publish their keys.
        settings: variables of the application that differ there from what AWS would have.
        polling_seconds: between two looks at something that takes time.
    """

    stage: Stage
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    api_url_pattern: str = "https://{api_id}.execute-api.{region}.amazonaws.com/{stage}"
    key_set_url_pattern: str = (
        "https://cognito-idp.{region}.amazonaws.com/{user_pool_id}/.well-known/jwks.json"
    )
    settings: Mapping[str, str] = field(default_factory=dict)
    polling_seconds: float = 3

    def client(self, service: str, config: Config | None = None) -> Any:
        """A boto3 client. Services are many, and their stubs are not all installed."""
        return self._session.client(
            service,  # type: ignore[call-overload] # as above
            endpoint_url=self.variables.get("AWS_ENDPOINT_URL"),
            config=client_config().merge(config) if config else client_config(),
        )

    def child_variables(self) -> dict[str, str]:
        """Variables that have another program work in this account with these credentials.

        A profile may ask for the code of a second factor, which a program without a terminal
        cannot. So it gets what this process was given, in its environment and nowhere else.

        Raises NoCredentialsError, or InfraError where no code can be asked for.
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
        """How long the credentials last; None where that is not known."""
        credentials = self._session.get_credentials()
        if credentials is None:
            return None
        # A profile's are fetched at their first use.
        credentials.get_frozen_credentials()
        expiry: datetime | None = getattr(credentials, "_expiry_time", None)
        return (expiry - datetime.now(UTC)).total_seconds() if expiry else None

    def resource_id(self, stack: str, logical_id: str) -> str | None:
        """What a resource of a stack is called; None where there is no such stack or resource.

        Raises ClientError where that cannot be told.
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
        # In a stack that was rolled back, or is only being made, it has none.
        return resource.get("PhysicalResourceId") or None

    def api_url(self, stack: str | None = None) -> str | None:
        """Where API Gateway answers for this stage; None before there is an API.

        `stack`: another than the stage's present one. Raises ClientError where that cannot be told.
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
        """One for all clients: it reads its model of a service once, and finds credentials once."""
        return boto3.Session(
            aws_access_key_id=self.variables.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=self.variables.get("AWS_SECRET_ACCESS_KEY"),
            region_name=self.stage.region,
        )
