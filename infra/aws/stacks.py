"""Look at CloudFormation stacks, delete them, and explain why they failed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from infra.aws.aws_errors import explained
from infra.errors import ProvisionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef, StackTypeDef

_DELETION_SECONDS = 1800

# A stack's own event at the start of its last operation.
_STARTED = frozenset({"CREATE_IN_PROGRESS", "IMPORT_IN_PROGRESS", "UPDATE_IN_PROGRESS"})


def describe_stack(cloudformation: CloudFormationClient, name: str) -> StackTypeDef | None:
    """Return CloudFormation's description of a stack, or None if the stack does not exist.

    Raises:
        ClientError: AWS did not answer, so that it is not known whether the stack exists.
    """
    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if says_that_it_is_missing(error):
            return None
        raise


def stack_status(cloudformation: CloudFormationClient, name: str) -> str | None:
    """Return the status of a stack, or None if the stack does not exist."""
    stack = describe_stack(cloudformation, name)
    return stack["StackStatus"] if stack else None


def stack_outputs(cloudformation: CloudFormationClient, name: str) -> dict[str, str]:
    """Return the outputs of a stack, or an empty dictionary if the stack does not exist."""
    with explained(f"CloudFormation did not describe the stack {name}", ProvisionError):
        return outputs_of(describe_stack(cloudformation, name))


def outputs_of(stack: StackTypeDef | None) -> dict[str, str]:
    outputs = stack.get("Outputs", []) if stack else []
    return {output["OutputKey"]: output["OutputValue"] for output in outputs}


def says_that_it_is_missing(error: ClientError) -> bool:
    """Return whether the error means that a stack or resource does not exist.

    CloudFormation has no separate error code for that. Any other error, such as throttling or
    expired credentials, leaves open whether the stack exists.
    """
    return error.response["Error"]["Code"] == "ValidationError" and "does not exist" in str(error)


def delete_stack(
    cloudformation: CloudFormationClient, name: str, *, poll_seconds: float = 3
) -> bool:
    """Delete a stack with its resources. Return whether the stack existed."""
    stack = describe_stack(cloudformation, name)
    if stack is None:
        return False
    stack_id = stack["StackId"]
    if stack["StackStatus"] != "DELETE_IN_PROGRESS":
        cloudformation.delete_stack(StackName=stack_id)
    deadline = time.monotonic() + _DELETION_SECONDS
    # CloudFormation still describes a deleted stack when it is asked by id.
    while (stack := describe_stack(cloudformation, stack_id)) is not None:
        status = stack["StackStatus"]
        if status == "DELETE_COMPLETE":
            break
        if status == "DELETE_FAILED":
            raise ProvisionError(
                f"{explain_failure(cloudformation, stack)}\n"
                "Correct that, then run the same command again."
            )
        if time.monotonic() > deadline:
            raise ProvisionError(
                f"The deletion of the stack {name} is still in progress ({status}). Its events "
                "show what it waits for. When it has ended, run the same command again."
            )
        time.sleep(poll_seconds)
    return True


def explain_failure(cloudformation: CloudFormationClient, stack: StackTypeDef) -> str:
    """Return why the last operation on a stack failed, with the reason of each resource."""
    stack_id, status = stack["StackId"], stack["StackStatus"]
    lines = [f"The stack {stack['StackName']} ended as {status}."]
    # The first failure is the cause; CloudFormation cancels everything else because of it.
    for event in reversed(list(_failures(cloudformation, stack_id, status))):
        reason = event.get("ResourceStatusReason", "no reason given")
        lines.append(f"  {event['LogicalResourceId']} ({event['ResourceType']}): {reason}")
    return "\n".join([*lines, *validation_errors(cloudformation, StackName=stack_id)])


def _failures(
    cloudformation: CloudFormationClient, stack_id: str, status: str
) -> Iterator[StackEventTypeDef]:
    """Yield the failures of the last operation, newest first."""
    started = {"DELETE_IN_PROGRESS"} if status == "DELETE_FAILED" else _STARTED
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    for page in pages:
        for event in page["StackEvents"]:
            if event["ResourceStatus"].endswith("FAILED"):
                yield event
            if event["PhysicalResourceId"] == stack_id and event["ResourceStatus"] in started:
                return


def validation_errors(cloudformation: CloudFormationClient, **where: str) -> list[str]:
    """Return what CloudFormation's validation found before any change.

    The events of a stack name only the resource in that case, and give no reason.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html
    """
    try:
        events = cloudformation.describe_events(**where, Filters={"FailedEvents": True})
    except ClientError:
        # Deployers that were set up earlier may lack this right. The other events are in the
        # message already.
        return []
    return [
        f"  {event.get('LogicalResourceId', '')} {event.get('ValidationPath', '')}: {reason}"
        for event in events["OperationEvents"]
        if (reason := event.get("ValidationStatusReason") or event.get("HookStatusReason"))
    ]
