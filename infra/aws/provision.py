"""Bring a CloudFormation stack to what its template says, on AWS and on the local AWS alike.

Always through a change set: nothing happens when nothing changes, and what is about to happen can
be told. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from infra.aws.aws_errors import explained
from infra.errors import ProvisionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.literals import ChangeSetTypeType
    from mypy_boto3_cloudformation.type_defs import (
        CreateChangeSetOutputTypeDef,
        ParameterTypeDef,
        ResourceChangeTypeDef,
        ResourceToImportTypeDef,
        StackEventTypeDef,
        StackTypeDef,
        TagTypeDef,
    )

COGNITO_TEMPLATE = Path(__file__).parents[1] / "cognito.yaml"

# What CloudFormation says instead of making a change set that would change nothing.
_NO_CHANGE = ("didn't contain changes", "No updates are to be performed")

# A stack's own event at the start of what was done last.
_STARTED = frozenset({"CREATE_IN_PROGRESS", "IMPORT_IN_PROGRESS", "UPDATE_IN_PROGRESS"})


@dataclass(frozen=True)
class Provisioned:
    """A stack as it is now. `changed` says whether this run changed anything."""

    outputs: Mapping[str, str]
    changed: bool


def provision(
    cloudformation: CloudFormationClient,
    *,
    stack_name: str,
    template: Path,
    parameters: Mapping[str, str],
    tags: Mapping[str, str] | None = None,
    timeout_seconds: float = 900,
    poll_seconds: float = 3,
) -> Provisioned:
    """Create the stack, update it, or leave it alone.

    A parameter that is not given takes the template's default. `tags` are the stack's, and so those
    of what is in it. Raises ProvisionError with the
    reasons that CloudFormation gave; what was changed is rolled back by then.
    """
    deadline = time.monotonic() + timeout_seconds
    with explained(f"CloudFormation refused to change the stack {stack_name}", ProvisionError):
        stack = _describe(cloudformation, stack_name)
        change_set = _create_change_set(
            cloudformation, stack_name, stack, template, parameters, tags=tags or {}
        )
        change_set_id, stack_id = change_set["Id"], change_set["StackId"]
        if not _has_changes(cloudformation, change_set_id, deadline, poll_seconds):
            cloudformation.delete_change_set(ChangeSetName=change_set_id)
            return Provisioned(_outputs(stack), changed=False)
        cloudformation.execute_change_set(ChangeSetName=change_set_id)
        stack = _settled(cloudformation, stack_id, deadline, poll_seconds)
        _require_success(cloudformation, stack)
    return Provisioned(_outputs(stack), changed=True)


def import_resource(
    cloudformation: CloudFormationClient,
    *,
    stack_name: str,
    template: str,
    parameters: Mapping[str, str],
    resource: ResourceToImportTypeDef,
    timeout_seconds: float = 900,
    poll_seconds: float = 3,
) -> None:
    """Make a stack of one resource that is there already. Raises ProvisionError.

    An import can give a stack no tags; the next update does.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
    """
    deadline = time.monotonic() + timeout_seconds
    with explained(f"CloudFormation refused to make the stack {stack_name}", ProvisionError):
        change_set = cloudformation.create_change_set(
            StackName=stack_name,
            ChangeSetName=f"gatehouse-{uuid.uuid4().hex}",
            ChangeSetType="IMPORT",
            TemplateBody=template,
            Parameters=_parameters(parameters),
            Capabilities=["CAPABILITY_IAM"],
            ResourcesToImport=[resource],
        )
        change_set_id, stack_id = change_set["Id"], change_set["StackId"]
        _has_changes(cloudformation, change_set_id, deadline, poll_seconds)
        cloudformation.execute_change_set(ChangeSetName=change_set_id)
        _require_success(cloudformation, _settled(cloudformation, stack_id, deadline, poll_seconds))


def _require_success(cloudformation: CloudFormationClient, stack: StackTypeDef) -> None:
    if stack["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}:
        raise ProvisionError(
            f"{explain_failure(cloudformation, stack)}\n"
            "Correct that, then run the same command again."
        )


def preview(
    cloudformation: CloudFormationClient,
    *,
    stack_name: str,
    template: Path,
    parameters: Mapping[str, str],
    tags: Mapping[str, str] | None = None,
    timeout_seconds: float = 120,
    poll_seconds: float = 3,
) -> list[str]:
    """What `provision` would do, a line each: `Modify WebClient (AWS::Cognito::UserPoolClient)`.

    Raises ProvisionError.
    """
    deadline = time.monotonic() + timeout_seconds
    with explained(f"CloudFormation refused to look at the stack {stack_name}", ProvisionError):
        stack = _describe(cloudformation, stack_name)
        change_set = _create_change_set(
            cloudformation, stack_name, stack, template, parameters, tags=tags or {}
        )
        try:
            if not _has_changes(cloudformation, change_set["Id"], deadline, poll_seconds):
                return []
            described = cloudformation.describe_change_set(ChangeSetName=change_set["Id"])
        finally:
            cloudformation.delete_change_set(ChangeSetName=change_set["Id"])
            if stack is None:
                # The change set made a stack with nothing in it.
                cloudformation.delete_stack(StackName=stack_name)
    changes = [change["ResourceChange"] for change in described["Changes"]]
    return [_line(change) for change in changes]


def _line(change: ResourceChangeTypeDef) -> str:
    """With a warning, since a replaced resource loses what was in it."""
    replaced = ", REPLACING the present one" if change.get("Replacement") == "True" else ""
    return f"{change['Action']} {change['LogicalResourceId']} ({change['ResourceType']}){replaced}"


def _create_change_set(
    cloudformation: CloudFormationClient,
    stack_name: str,
    stack: StackTypeDef | None,
    template: Path,
    parameters: Mapping[str, str],
    *,
    tags: Mapping[str, str],
) -> CreateChangeSetOutputTypeDef:
    kind = _change_set_type(stack_name, stack)
    return cloudformation.create_change_set(
        StackName=stack_name,
        ChangeSetName=f"gatehouse-{uuid.uuid4().hex}",
        ChangeSetType=kind,
        TemplateBody=template.read_text(),
        Parameters=_parameters(parameters),
        # CloudFormation hands them down to whatever in the stack can have tags.
        Tags=_tags(tags),
        # Roles without a name of their own: this package's templates have no others.
        Capabilities=["CAPABILITY_IAM"],
        # A first deployment that fails leaves no husk that would have to be deleted by hand.
        OnStackFailure="DELETE" if kind == "CREATE" else "ROLLBACK",
    )


def _parameters(parameters: Mapping[str, str]) -> list[ParameterTypeDef]:
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]


def _tags(tags: Mapping[str, str]) -> list[TagTypeDef]:
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def stack_outputs(cloudformation: CloudFormationClient, stack_name: str) -> dict[str, str]:
    """The outputs of a stack; none where there is no such stack. Raises ProvisionError."""
    with explained(
        f"CloudFormation does not say what is in the stack {stack_name}", ProvisionError
    ):
        return _outputs(_describe(cloudformation, stack_name))


def _describe(cloudformation: CloudFormationClient, stack_name: str) -> StackTypeDef | None:
    try:
        return cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    except ClientError as error:
        if says_that_it_is_missing(error):
            return None
        raise


def says_that_it_is_missing(error: ClientError) -> bool:
    """Whether CloudFormation knows no such stack or resource: it has no code of its own for that.

    Anything else, such as throttling or expired credentials, says nothing about what there is.
    """
    return error.response["Error"]["Code"] == "ValidationError" and "does not exist" in str(error)


def _change_set_type(stack_name: str, stack: StackTypeDef | None) -> ChangeSetTypeType:
    if stack is None or stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        return "CREATE"
    status = stack["StackStatus"]
    if status.endswith("_IN_PROGRESS"):
        raise ProvisionError(
            f"The stack {stack_name} is being changed ({status}), perhaps by another deployment. "
            "Run the same command again when that has ended."
        )
    if status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}:
        raise ProvisionError(
            f"The stack {stack_name} cannot be updated ({status}). Delete it with "
            f"`aws cloudformation delete-stack --stack-name {stack_name}`, then run the same "
            "command again."
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        raise ProvisionError(
            f"The stack {stack_name} cannot be updated ({status}). Have it finish its rollback "
            f"with `aws cloudformation continue-update-rollback --stack-name {stack_name}`, then "
            "run the same command again."
        )
    return "UPDATE"


def _has_changes(
    cloudformation: CloudFormationClient, change_set_id: str, deadline: float, poll_seconds: float
) -> bool:
    while True:
        answer = cloudformation.describe_change_set(ChangeSetName=change_set_id)
        if answer["Status"] == "CREATE_COMPLETE":
            return True
        reason = answer.get("StatusReason", "")
        if answer["Status"] == "FAILED":
            if any(phrase in reason for phrase in _NO_CHANGE):
                return False
            details = _validation_errors(cloudformation, ChangeSetName=change_set_id)
            raise ProvisionError(
                "\n".join(
                    [
                        f"CloudFormation refused the template: {reason or 'no reason given'}",
                        *details,
                        "Correct that, then run the same command again.",
                    ]
                )
            )
        _pause(deadline, poll_seconds)


def _settled(
    cloudformation: CloudFormationClient, stack_id: str, deadline: float, poll_seconds: float
) -> StackTypeDef:
    while True:
        stack = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
        status = stack["StackStatus"]
        # UPDATE_COMPLETE_CLEANUP_IN_PROGRESS is waited for too: the next change needs it over.
        if not status.endswith("_IN_PROGRESS"):
            return stack
        _pause(deadline, poll_seconds)


def _pause(deadline: float, poll_seconds: float) -> None:
    if time.monotonic() + poll_seconds > deadline:
        raise ProvisionError("CloudFormation took too long. Its console shows what it waits for.")
    time.sleep(poll_seconds)


def explain_failure(cloudformation: CloudFormationClient, stack: StackTypeDef) -> str:
    """Why the last operation on a stack failed, with each resource's own reason."""
    stack_id, status = stack["StackId"], stack["StackStatus"]
    lines = [f"The stack {stack['StackName']} ended as {status}."]
    # The first failure is the cause; CloudFormation cancels everything else because of it.
    for event in reversed(list(_failures(cloudformation, stack_id, status))):
        reason = event.get("ResourceStatusReason", "no reason given")
        lines.append(f"  {event['LogicalResourceId']} ({event['ResourceType']}): {reason}")
    return "\n".join([*lines, *_validation_errors(cloudformation, StackName=stack_id)])


def _failures(
    cloudformation: CloudFormationClient, stack_id: str, status: str
) -> Iterator[StackEventTypeDef]:
    """Events of failures in the last operation, newest first."""
    started = {"DELETE_IN_PROGRESS"} if status == "DELETE_FAILED" else _STARTED
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    for page in pages:
        for event in page["StackEvents"]:
            if event["ResourceStatus"].endswith("FAILED"):
                yield event
            if event["PhysicalResourceId"] == stack_id and event["ResourceStatus"] in started:
                return


def _validation_errors(cloudformation: CloudFormationClient, **where: str) -> list[str]:
    """What CloudFormation found before it changed anything; its events name no more than that.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html
    """
    try:
        events = cloudformation.describe_events(**where, Filters={"FailedEvents": True})
    except ClientError:
        # A right that older deployers do not have. The events were already shown.
        return []
    return [
        f"  {event.get('LogicalResourceId', '')} {event.get('ValidationPath', '')}: {reason}"
        for event in events["OperationEvents"]
        if (reason := event.get("ValidationStatusReason") or event.get("HookStatusReason"))
    ]


def _outputs(stack: StackTypeDef | None) -> dict[str, str]:
    outputs = stack.get("Outputs", []) if stack else []
    return {output["OutputKey"]: output["OutputValue"] for output in outputs}
