"""CloudFormation's stacks, as far as a deployment takes them away or looks for them."""

from __future__ import annotations

from infra.deploy.target import Target
from infra.provision import says_that_it_is_missing


def stack_status(target: Target, name: str) -> str | None:
    """As CloudFormation calls it; None where there is no such stack.

    Raises ClientError where that cannot be told.
    """
    cloudformation = target.client("cloudformation")
    try:
        status: str = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except cloudformation.exceptions.ClientError as error:
        if says_that_it_is_missing(error):
            return None
        raise
    return status


def delete_stack(target: Target, name: str) -> None:
    """With all that is in it. One that is gone already is passed over."""
    cloudformation = target.client("cloudformation")
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=name, WaiterConfig={"Delay": target.polling_seconds, "MaxAttempts": 200}
    )


def former_stacks(target: Target) -> list[str]:
    """Those that the stage had before its authorizer was another, or when it had a domain.

    A former API would be a way around the authorizer.
    """
    stage = target.stage
    former = [stage.function_name if stage.has_gateway else stage.gateway_stack]
    if not stage.has_domain:
        former.insert(0, stage.domain_stack)
    return [name for name in former if stack_status(target, name)]
