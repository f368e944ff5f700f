"""The deployed function: its code, its environment, and what it is asked to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.errors import InfraError

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html: names and values in all.
ENVIRONMENT_BYTES = 4096


class Function:
    """`client` is boto3's for Lambda."""

    def __init__(self, client: Any, name: str, *, polling_seconds: float) -> None:
        self._client = client
        self.name = name
        self._polling_seconds = polling_seconds

    def configuration(self) -> dict[str, Any] | None:
        """As Lambda describes it; None where there is no such function."""
        try:
            described: dict[str, Any] = self._client.get_function_configuration(
                FunctionName=self.name
            )
        except self._client.exceptions.ResourceNotFoundException:
            return None
        return described

    def set_environment(self, variables: Mapping[str, str]) -> bool:
        """Have exactly these variables; whether that was a change. Raises InfraError."""
        size = sum(len(name.encode()) + len(value.encode()) for name, value in variables.items())
        if size > ENVIRONMENT_BYTES:
            raise InfraError(
                f"The function's variables take {size} bytes; Lambda allows {ENVIRONMENT_BYTES}. "
                "Leave out COGNITO_JWKS first: keys are then fetched at the first request."
            )
        present = (self.configuration() or {}).get("Environment", {}).get("Variables", {})
        if present == variables:
            return False
        self._client.update_function_configuration(
            FunctionName=self.name, Environment={"Variables": dict(variables)}
        )
        self._settle()
        return True

    def describe(self, description: str) -> None:
        # Zappa does not wait for what it changed, and Lambda takes one change at a time.
        self._settle()
        self._client.update_function_configuration(FunctionName=self.name, Description=description)
        self._settle()

    def use_code(self, bucket: str, key: str) -> None:
        self._client.update_function_code(
            FunctionName=self.name, S3Bucket=bucket, S3Key=key, Publish=True
        )
        self._settle()

    def digests(self) -> list[str]:
        """CodeSha256 of published versions, newest first."""
        pages = self._client.get_paginator("list_versions_by_function").paginate(
            FunctionName=self.name
        )
        versions = [version for page in pages for version in page["Versions"]]
        numbered = [version for version in versions if version["Version"].isdecimal()]
        numbered.sort(key=lambda version: int(version["Version"]), reverse=True)
        return [version["CodeSha256"] for version in numbered]

    def manage(self, command: str) -> str:
        """Run a management command in it; returns what that printed. Raises InfraError."""
        answer = self._client.invoke(
            FunctionName=self.name, Payload=json.dumps({"manage": command}).encode()
        )
        payload = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            message = payload.get("errorMessage", "no reason given")
            remedy = f"Read its log: aws logs tail /aws/lambda/{self.name}"
            if "timed out" in message:
                remedy = (
                    "Run it on a machine that reaches the database, where it has no time limit: "
                    "docs/deploy.md#long-migrations"
                )
            raise InfraError(f"`manage.py {command}` failed in {self.name}: {message}\n{remedy}")
        return str(payload["output"])

    def delete(self) -> None:
        self._client.delete_function(FunctionName=self.name)

    def _settle(self) -> None:
        self._client.get_waiter("function_updated_v2").wait(
            FunctionName=self.name,
            WaiterConfig={"Delay": self._polling_seconds, "MaxAttempts": 100},
        )
