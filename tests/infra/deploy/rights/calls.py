"""Record AWS calls, and translate each call to the requests that IAM decides.

An action does not always have the name of the call, and some calls need several actions.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.client import BaseClient
from botocore.model import OperationModel

from infra.deploy.stage.stage import Stage
from tests.infra.deploy.rights.iam import Request

ACCOUNT = "000000000000"

# The names of actions that differ from those of calls.
RENAMED = {
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:UploadPart": "s3:PutObject",
    "lambda:Invoke": "lambda:InvokeFunction",
}
# The services whose name in signatures differs from that in actions.
SERVICES = {"monitoring": "cloudwatch"}
# Every caller may ask who it is.
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
FREE = {"sts:GetCallerIdentity"}


@dataclass(frozen=True)
class Call:
    service: str
    operation: str
    parameters: Mapping[str, Any] = field(hash=False)
    method: str
    path: str

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"


class Recorder:
    """Records the calls of all boto3 clients, those of Zappa included."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[Call] = []
        # The stack of each change set, whose ARN does not say it.
        self.stacks: dict[str, str] = {}
        ongoing: set[str] = set()
        original: Any = BaseClient._make_api_call  # type: ignore[attr-defined] # noqa: SLF001

        def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            service = client.meta.service_model
            model = service.operation_model(operation)
            self.calls.append(
                Call(
                    SERVICES.get(service.signing_name, service.signing_name),
                    operation,
                    dict(parameters),
                    model.http["method"],
                    path_of(model, parameters),
                )
            )
            answer = original(client, operation, parameters)
            if operation == "CreateChangeSet":
                self.stacks[answer["Id"]] = parameters["StackName"]
            elif operation in {"CreateStack", "UpdateStack"}:
                ongoing.add(parameters["StackName"])
            elif operation == "DescribeStacks" and parameters["StackName"] in ongoing:
                # AWS takes longer than the local AWS, and Zappa asks more in the meantime.
                ongoing.remove(parameters["StackName"])
                answer["Stacks"][0]["StackStatus"] = "CREATE_IN_PROGRESS"
            return answer

        monkeypatch.setattr(BaseClient, "_make_api_call", call)

    def requests(self, stage: Stage) -> list[Request]:
        """Return what IAM decided, each request once."""
        found = [request for call in self.calls for request in self._requests_of(call, stage)]
        return list({str(request): request for request in found}.values())

    def _requests_of(self, call: Call, stage: Stage) -> Iterator[Request]:
        if call.name in FREE:
            return
        given = call.parameters
        if call.service == "apigateway":
            yield Request(f"apigateway:{call.method}", arn(stage, "apigateway", call.path))
            return
        name = RENAMED.get(call.name, call.name)
        yield Request(name, self._resource(call, stage), context_of(call, stage))
        if call.service == "cloudformation" and given.get("Tags"):
            yield Request("cloudformation:TagResource", self._resource(call, stage))
        if url := given.get("TemplateURL"):
            yield Request("s3:GetObject", f"arn:aws:s3:::{urlsplit(url).path.lstrip('/')}")
        if bucket := given.get("Code", given).get("S3Bucket"):
            key = given.get("Code", given)["S3Key"]
            yield Request("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")
        if call.service == "lambda" and "Role" in given:
            yield passed(given["Role"], "lambda.amazonaws.com")
        if given.get("Tags") and call.service in {"lambda", "secretsmanager"}:
            yield Request(f"{call.service}:TagResource", self._resource(call, stage))
        if name == "s3:PutObject":
            # boto3 sends a large file in parts, and aborts that when a part fails.
            yield Request("s3:AbortMultipartUpload", self._resource(call, stage))

    def _resource(self, call: Call, stage: Stage) -> str:  # noqa: PLR0911 - one for each service
        given = call.parameters
        if call.service == "cloudformation":
            name = given.get("StackName") or self.stacks[given["ChangeSetName"]]
            name = re.sub(r"^arn:[^/]*/|/.*", "", name)
            return arn(stage, "cloudformation", f"stack/{name}/0a1b-2c3d")
        if call.service == "lambda" and call.operation != "GetAccountSettings":
            name = re.sub("^.*:", "", given.get("FunctionName") or given["Resource"])
            qualifier = given.get("Qualifier", "")
            return arn(stage, "lambda", f"function:{name}{qualifier and ':'}{qualifier}")
        if call.service == "s3":
            key = given.get("Key", "")
            return f"arn:aws:s3:::{given['Bucket']}{key and '/'}{key}"
        if call.service == "secretsmanager":
            # Secrets Manager adds six characters to the name.
            return arn(
                stage, "secretsmanager", f"secret:{given.get('SecretId') or given['Name']}-a1B2c3"
            )
        if call.service == "cognito-idp" and "UserPoolId" in given:
            return arn(stage, "cognito-idp", f"userpool/{given['UserPoolId']}")
        if call.service == "events" and not call.operation.startswith("List"):
            return arn(stage, "events", f"rule/{given.get('Rule') or given['Name']}")
        if call.service == "events" and "Rule" in given:
            return arn(stage, "events", f"rule/{given['Rule']}")
        if call.service == "sns":
            return str(given["TopicArn"])
        if call.service == "iam":
            return str(given["PolicyArn"])
        return "*"


def path_of(model: OperationModel, parameters: Mapping[str, Any]) -> str:
    """Return the path of the call's address, which is the resource of API Gateway."""
    shape = model.input_shape
    named = {
        member.serialization.get("name", name): str(parameters.get(name, ""))
        for name, member in (shape.members if shape else {}).items()
    }
    path = model.http["requestUri"].partition("?")[0]
    return re.sub(r"\{(\w+)\+?\}", lambda match: named[match[1]], path)


def context_of(call: Call, stage: Stage) -> dict[str, str]:
    if call.service == "cognito-idp" and "UserPoolId" in call.parameters:
        return {f"aws:ResourceTag/{key}": value for key, value in stage.own_tags.items()}
    return {}


def passed(role: str, service: str) -> Request:
    return Request("iam:PassRole", role, {"iam:PassedToService": service})


def arn(stage: Stage, service: str, resource: str) -> str:
    account = "" if service == "apigateway" else ACCOUNT
    region = "" if service == "iam" else stage.region
    return f"arn:aws:{service}:{region}:{account}:{resource}"
