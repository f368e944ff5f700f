"""Check that a stage changes only its own resources, and only while nothing else changes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from infra.aws.stacks import describe_stack
from infra.deploy.function.function import deployed_function
from infra.deploy.stage.target import Target
from infra.errors import InfraError

# A change set that was never executed leaves a stack in this state: it is empty and has no tags.
_EMPTY = "REVIEW_IN_PROGRESS"


def require_ours(
    target: Target, *, while_deleted: bool = False, while_changed: bool = False
) -> None:
    """Require that all stacks and the function are this stage's, and that no change is in progress.

    Args:
        while_deleted: whether a deletion may be in progress.
        while_changed: whether any change may be in progress.
    """
    ongoing = "_IN_PROGRESS" if while_changed else "DELETE_IN_PROGRESS" if while_deleted else ""
    problems = list(_problems(target, ongoing))
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise InfraError(f"Nothing was changed:\n{lines}")


def find_pools(target: Target) -> list[str]:
    """Return the ids of all user pools of the stage, in a stack or not."""
    cognito = target.client("cognito-idp")
    pages = cognito.get_paginator("list_user_pools").paginate(MaxResults=60)
    named = [
        pool["Id"]
        for page in pages
        for pool in page["UserPools"]
        if pool["Name"] == target.stage.cognito_stack
    ]
    return [
        pool_id
        for pool_id in named
        if _has_our_tags(
            target,
            cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"].get("UserPoolTags", {}),
        )
    ]


def _has_our_tags(target: Target, tags: Mapping[str, str]) -> bool:
    return target.stage.own_tags.items() <= tags.items()


def _problems(target: Target, ongoing: str) -> Iterator[str]:
    """Yield a sentence for each resource that is in the way.

    Args:
        ongoing: the end of statuses that are accepted during a change; may be empty.
    """
    stage = target.stage
    missing = set()
    for name in stage.all_stacks:
        stack = describe_stack(target.client("cloudformation"), name)
        if stack is None or stack["StackStatus"] == _EMPTY:
            missing.add(name)
            continue
        status = stack["StackStatus"]
        tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", ())}
        if not _has_our_tags(target, tags) and not _was_imported(target, name, tags):
            yield f"the stack {name}: {_foreign(target)}"
        elif status.endswith("_IN_PROGRESS") and not (ongoing and status.endswith(ongoing)):
            yield (
                f"the stack {name} is being changed ({status}), perhaps by another deployment: "
                "run the same command again when that has ended"
            )
    function = deployed_function(target)
    tags_of_function = function.tags()
    if tags_of_function is None or _has_our_tags(target, tags_of_function):
        return
    # Zappa tags a function only after it has made it, and only when the platform's stack exists.
    if stage.own_tags.keys() & tags_of_function.keys() or stage.platform_stack in missing:
        yield f"the function {function.name}: {_foreign(target)}"


def _was_imported(target: Target, stack: str, tags: Mapping[str, str]) -> bool:
    """Return whether a stack without tags has this stage's pool: an import sets no tags."""
    if tags or stack != target.stage.cognito_stack:
        return False
    return target.resource_id(stack, "UserPool") in find_pools(target)


def _foreign(target: Target) -> str:
    tags = ", ".join(f"{name}={value}" for name, value in target.stage.own_tags.items())
    return (
        f"something else made it, because it does not have the tags {tags}. Choose another "
        "name for the stage, or delete or tag it yourself"
    )
