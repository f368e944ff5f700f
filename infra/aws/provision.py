"""Create or update a CloudFormation stack from a template, on AWS or the local AWS.

Every change goes through a change set. So a stack that is up to date does not change, and the
changes can be shown before they are made.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from infra.aws.aws_errors import explained
from infra.aws.stacks import describe_stack, explain_failure, outputs_of, validation_errors
from infra.aws.template import template_body
from infra.errors import ProvisionError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.literals import ChangeSetTypeType
    from mypy_boto3_cloudformation.type_defs import (
        CreateChangeSetOutputTypeDef,
        ParameterTypeDef,
        ResourceChangeTypeDef,
        ResourceToImportTypeDef,
        StackTypeDef,
    )

COGNITO_TEMPLATE = Path(__file__).parents[1] / "cognito.yaml"

# The warning in a line about a resource that would lose its content.
REPLACED = "REPLACING the present one"

_TIMEOUT_SECONDS = 900

# The reasons of a change set that failed because it would change nothing.
_NO_CHANGE = (
    "didn't contain changes",
    "No updates are to be performed",  # prose: quoted
)


@dataclass(frozen=True)
class Provisioned:
    """The present state of a stack. `changed` says whether this call changed it."""

    outputs: Mapping[str, str]
    changed: bool


def provision(
    cloudformation: CloudFormationClient,
    *,
    stack_name: str,
    template: Path,
    parameters: Mapping[str, str],
    tags: Mapping[str, str] | None = None,
    timeout_seconds: float = _TIMEOUT_SECONDS,
    poll_seconds: float = 3,
) -> Provisioned:
    """Create the stack, or update it unless it is up to date.

    Args:
        parameters: values of the template's parameters. Omitted ones get their default.
        tags: tags of the stack, which CloudFormation passes on to its resources.
    """
    deadline = time.monotonic() + timeout_seconds
    with explained(f"CloudFormation refused to change the stack {stack_name}", ProvisionError):
        stack = describe_stack(cloudformation, stack_name)
        change_set = _create_change_set(
            cloudformation, stack_name, stack, template, parameters, tags=tags or {}
        )
        change_set_id, stack_id = change_set["Id"], change_set["StackId"]
        if not _has_changes(cloudformation, change_set_id, deadline, poll_seconds):
            cloudformation.delete_change_set(ChangeSetName=change_set_id)
            return Provisioned(outputs_of(stack), changed=False)
        cloudformation.execute_change_set(ChangeSetName=change_set_id)
        stack = _wait_for_stack(cloudformation, stack_id, deadline, poll_seconds)
    return Provisioned(outputs_of(stack), changed=True)


def import_resources(
    cloudformation: CloudFormationClient,
    *,
    stack_name: str,
    template: str,
    parameters: Mapping[str, str],
    resources: Sequence[ResourceToImportTypeDef],
    poll_seconds: float = 3,
) -> None:
    """Create a stack around resources that exist already.

    An import cannot give a stack tags. The next update sets them.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
    """
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    with explained(f"CloudFormation refused to make the stack {stack_name}", ProvisionError):
        change_set = cloudformation.create_change_set(
            StackName=stack_name,
            ChangeSetName=f"gatehouse-{uuid.uuid4().hex}",
            ChangeSetType="IMPORT",
            TemplateBody=template,
            Parameters=_parameters(parameters),
            Capabilities=["CAPABILITY_IAM"],
            ResourcesToImport=resources,
        )
        change_set_id, stack_id = change_set["Id"], change_set["StackId"]
        _has_changes(cloudformation, change_set_id, deadline, poll_seconds)
        cloudformation.execute_change_set(ChangeSetName=change_set_id)
        _wait_for_stack(cloudformation, stack_id, deadline, poll_seconds)


def preview(
    cloudformation: CloudFormationClient,
    *,
    stack_name: str,
    template: Path,
    parameters: Mapping[str, str],
    tags: Mapping[str, str] | None = None,
    poll_seconds: float = 3,
) -> list[str]:
    """Return what `provision` would change, for example `Modify Role (AWS::IAM::Role)`."""
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    with explained(f"CloudFormation refused to preview the stack {stack_name}", ProvisionError):
        stack = describe_stack(cloudformation, stack_name)
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
                # The change set has created an empty stack.
                cloudformation.delete_stack(StackName=stack_name)
    return [_change_line(change["ResourceChange"]) for change in described["Changes"]]


def _change_line(change: ResourceChangeTypeDef) -> str:
    """Warn about a replacement, because the replaced resource loses its content."""
    replaced = f", {REPLACED}" if change.get("Replacement") == "True" else ""
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
        TemplateBody=template_body(template),
        Parameters=_parameters(parameters),
        Tags=[{"Key": name, "Value": value} for name, value in tags.items()],
        # The templates define roles, but do not name them.
        Capabilities=["CAPABILITY_IAM"],
        # A stack whose first deployment failed could not be updated, only deleted by hand.
        OnStackFailure="DELETE" if kind == "CREATE" else "ROLLBACK",
    )


def _parameters(parameters: Mapping[str, str]) -> list[ParameterTypeDef]:
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]


def _change_set_type(stack_name: str, stack: StackTypeDef | None) -> ChangeSetTypeType:
    if stack is None or stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        return "CREATE"
    status = stack["StackStatus"]
    if status.endswith("_IN_PROGRESS"):
        raise ProvisionError(
            f"The stack {stack_name} is being changed ({status}), perhaps by another deployment. "
            "When that has ended, run the same command again."
        )
    if status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}:
        raise ProvisionError(
            f"The stack {stack_name} cannot be updated ({status}). Delete it with "
            f"`aws cloudformation delete-stack --stack-name {stack_name}`, then run the same "
            "command again."
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        raise ProvisionError(
            f"The stack {stack_name} cannot be updated ({status}). Finish its rollback with "
            f"`aws cloudformation continue-update-rollback --stack-name {stack_name}`, then "
            "run the same command again."
        )
    return "UPDATE"


def _has_changes(
    cloudformation: CloudFormationClient, change_set_id: str, deadline: float, poll_seconds: float
) -> bool:
    """Wait until the change set is ready. Return whether it would change anything."""
    while True:
        answer = cloudformation.describe_change_set(ChangeSetName=change_set_id)
        if answer["Status"] == "CREATE_COMPLETE":
            return True
        reason = answer.get("StatusReason", "")
        if answer["Status"] == "FAILED":
            if any(phrase in reason for phrase in _NO_CHANGE):
                return False
            details = validation_errors(cloudformation, ChangeSetName=change_set_id)
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


def _wait_for_stack(
    cloudformation: CloudFormationClient, stack_id: str, deadline: float, poll_seconds: float
) -> StackTypeDef:
    """Return the stack when its change has ended. Raise ProvisionError if the change failed."""
    while True:
        stack = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
        # This includes UPDATE_COMPLETE_CLEANUP_IN_PROGRESS, which the next change must wait for.
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            break
        _pause(deadline, poll_seconds)
    if stack["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}:
        raise ProvisionError(
            f"{explain_failure(cloudformation, stack)}\n"
            "Correct that, then run the same command again."
        )
    return stack


def _pause(deadline: float, poll_seconds: float) -> None:
    if time.monotonic() + poll_seconds > deadline:
        raise ProvisionError("CloudFormation took too long. Its console shows what it waits for.")
    time.sleep(poll_seconds)
