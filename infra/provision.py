"""Bring a CloudFormation stack to what its template says, on AWS and on the local AWS alike.

Always through a change set: nothing happens when nothing changes, and what is about to happen can
be told. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from infra.errors import ProvisionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.literals import ChangeSetTypeType
    from mypy_boto3_cloudformation.type_defs import (
        CreateChangeSetOutputTypeDef,
        ResourceChangeTypeDef,
        StackEventTypeDef,
        StackTypeDef,
    )

COGNITO_TEMPLATE = Path(__file__).with_name("cognito.yaml")

# What CloudFormation says instead of making a change set that would change nothing.
_NO_CHANGE = ("didn't contain changes", "No updates are to be performed")


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
    with _foreign_errors(f"CloudFormation refused to change the stack {stack_name}"):
        stack = _describe(cloudformation, stack_name)
        change_set = _create_change_set(
            cloudformation, stack_name, stack, template, parameters, tags=tags or {}
        )
        change_set_id, stack_id = change_set["Id"], change_set["StackId"]
        if not _has_changes(cloudformation, change_set_id, deadline, poll_seconds):
            cloudformation.delete_change_set(ChangeSetName=change_set_id)
            return Provisioned(_outputs(stack), changed=False)

        seen = {event["EventId"] for event in _events(cloudformation, stack_id)}
        cloudformation.execute_change_set(ChangeSetName=change_set_id)
        stack = _settled(cloudformation, stack_id, deadline, poll_seconds)
        if stack["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            failed = [
                event
                for event in _events(cloudformation, stack_id)
                if event["EventId"] not in seen and event["ResourceStatus"].endswith("FAILED")
            ]
            raise ProvisionError(_explain(stack_name, stack["StackStatus"], failed))
    return Provisioned(_outputs(stack), changed=True)


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
    with _foreign_errors(f"CloudFormation refused to look at the stack {stack_name}"):
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
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ],
        # CloudFormation hands them down to whatever in the stack can have tags.
        Tags=[{"Key": name, "Value": value} for name, value in tags.items()],
        # Roles without a name of their own: this package's templates have no others.
        Capabilities=["CAPABILITY_IAM"],
        # A first deployment that fails leaves no husk that would have to be deleted by hand.
        OnStackFailure="DELETE" if kind == "CREATE" else "ROLLBACK",
    )


def stack_outputs(cloudformation: CloudFormationClient, stack_name: str) -> dict[str, str]:
    """The outputs of a stack; none where there is no such stack. Raises ProvisionError."""
    with _foreign_errors(f"CloudFormation does not say what is in the stack {stack_name}"):
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
            f"The stack {stack_name} is being changed by someone else ({status}). Try again later."
        )
    if status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}:
        raise ProvisionError(
            f"The stack {stack_name} cannot be updated ({status}). Delete it and try again."
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
            raise ProvisionError(f"CloudFormation refused the template: {reason}")
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


def _events(cloudformation: CloudFormationClient, stack_id: str) -> list[StackEventTypeDef]:
    """The most recent events, newest first: one page holds more than our stacks produce."""
    return cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]


def _explain(stack_name: str, status: str, failed: list[StackEventTypeDef]) -> str:
    lines = [f"The stack {stack_name} ended as {status}."]
    # The first failure is the cause; CloudFormation cancels everything else because of it.
    for event in reversed(failed):
        reason = event.get("ResourceStatusReason", "no reason given")
        lines.append(f"  {event['LogicalResourceId']} ({event['ResourceType']}): {reason}")
    return "\n".join(lines)


def _outputs(stack: StackTypeDef | None) -> dict[str, str]:
    outputs = stack.get("Outputs", []) if stack else []
    return {output["OutputKey"]: output["OutputValue"] for output in outputs}


@contextmanager
def _foreign_errors(what: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise ProvisionError(f"{what}: {error}") from error
