"""The AWS account that is deployed to: the one of the shell's credentials, or a local one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from infra.aws import client_config
from infra.deploy.stage import Stage
from infra.provision import says_that_it_is_missing


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
        session = _session(
            self.variables.get("AWS_ACCESS_KEY_ID"),
            self.variables.get("AWS_SECRET_ACCESS_KEY"),
            self.stage.region,
        )
        return session.client(
            service,  # type: ignore[call-overload] # as above
            endpoint_url=self.variables.get("AWS_ENDPOINT_URL"),
            config=client_config().merge(config) if config else client_config(),
        )

    def api_url(self) -> str | None:
        """Where API Gateway answers for this stage; None before there is an API.

        Raises ClientError where that cannot be told.
        """
        cloudformation = self.client("cloudformation")
        try:
            resource = cloudformation.describe_stack_resource(
                StackName=self.stage.api_stack, LogicalResourceId="Api"
            )["StackResourceDetail"]
        except cloudformation.exceptions.ClientError as error:
            if says_that_it_is_missing(error):
                return None
            raise
        if resource["ResourceStatus"] == "DELETE_COMPLETE" or "PhysicalResourceId" not in resource:
            # In a stack that was rolled back, or is only being made.
            return None
        return self.api_url_pattern.format(
            api_id=resource["PhysicalResourceId"], region=self.stage.region, stage=self.stage.name
        )

    def key_set_url(self, user_pool_id: str) -> str:
        return self.key_set_url_pattern.format(region=self.stage.region, user_pool_id=user_pool_id)

    def api_id(self) -> str | None:
        url = self.api_url()
        return url and url.partition("//")[2].partition(".")[0]


@cache
def _session(
    access_key_id: str | None, secret_access_key: str | None, region: str
) -> boto3.Session:
    """One for all clients: it reads what it knows of a service once, and finds credentials once."""
    return boto3.Session(
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        region_name=region,
    )
