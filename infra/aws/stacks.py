"""CloudFormation's stacks, as far as a deployment takes them away or looks for them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from infra.aws.provision import explain_failure, says_that_it_is_missing
from infra.deploy.stage.target import Target
from infra.errors import ProvisionError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

_DELETION_SECONDS = 1800


def describe_stack(target: Target, name: str) -> StackTypeDef | None:
    """As CloudFormation describes it; None where there is no such stack.

    Raises ClientError where that cannot be told.
    """
    cloudformation = target.client("cloudformation")
    try:
        stack: StackTypeDef = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except cloudformation.exceptions.ClientError as error:
        if says_that_it_is_missing(error):
            return None
        raise
    return stack


def stack_status(target: Target, name: str) -> str | None:
    """As CloudFormation calls it; None where there is no such stack."""
    stack = describe_stack(target, name)
    return stack["StackStatus"] if stack else None


def delete_stack(target: Target, name: str) -> bool:
    """Delete a stack with all that is in it; whether there was one.

    Raises ProvisionError with the reasons that CloudFormation gives where it fails.
    """
    cloudformation = target.client("cloudformation")
    stack = describe_stack(target, name)
    if stack is None:
        return False
    stack_id = stack["StackId"]
    if stack["StackStatus"] != "DELETE_IN_PROGRESS":
        cloudformation.delete_stack(StackName=stack_id)
    deadline = time.monotonic() + _DELETION_SECONDS
    # By its id, under which a deleted stack is still found.
    while (stack := describe_stack(target, stack_id)) is not None:
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
                f"The deletion of the stack {name} takes long ({status}). Its events say what it "
                "waits for; run the same command again when it has ended."
            )
        time.sleep(target.polling_seconds)
    return True


def former_stacks(target: Target) -> list[str]:
    """Those that the stage had before its authorizer was another, or when it had a domain.

    A former API would be a way around the authorizer.
    """
    stage = target.stage
    former = [stage.former_api_stack]
    if not stage.has_domain:
        former.insert(0, stage.domain_stack)
    return [name for name in former if stack_status(target, name)]
