"""Whether what is there under a stage's names is the stage's, and at rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from infra.aws.stacks import describe_stack
from infra.deploy.function.function import Function
from infra.deploy.stage.target import Target
from infra.errors import InfraError

# What a change set leaves that was never executed: there is nothing in it, and it has no tags yet.
_EMPTY = "REVIEW_IN_PROGRESS"


def require_ours(
    target: Target, *, while_deleted: bool = False, while_changed: bool = False
) -> None:
    """Raise InfraError where a stack or the function is not this stage's, or is being changed.

    The error names all of them.

    Args:
        while_deleted: whether a deletion may be in progress.
        while_changed: whether any change may be in progress.
    """
    ongoing = "_IN_PROGRESS" if while_changed else "DELETE_IN_PROGRESS" if while_deleted else ""
    problems = list(_problems(target, ongoing))
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise InfraError(f"Nothing was changed:\n{lines}")


def is_ours(target: Target, tags: Mapping[str, str]) -> bool:
    return target.stage.own_tags.items() <= tags.items()


def pools(target: Target) -> list[str]:
    """Ids of all user pools of the stage, in a stack or not."""
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
        if is_ours(
            target,
            cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"].get("UserPoolTags", {}),
        )
    ]


def _problems(target: Target, ongoing: str) -> Iterator[str]:
    """`ongoing`: the end of statuses that are no problem; empty for none of them."""
    stage = target.stage
    missing = set()
    for name in stage.all_stacks:
        stack = describe_stack(target, name)
        if stack is None or stack["StackStatus"] == _EMPTY:
            missing.add(name)
            continue
        status = stack["StackStatus"]
        tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", ())}
        if not is_ours(target, tags) and not _was_imported(target, name, tags):
            yield f"the stack {name}: {_foreign(target)}"
        elif status.endswith("_IN_PROGRESS") and not (ongoing and status.endswith(ongoing)):
            yield (
                f"the stack {name} is being changed ({status}), perhaps by another deployment: "
                "run the same command again when that has ended"
            )
    function = Function(
        target.client("lambda"), stage.function_name, polling_seconds=target.polling_seconds
    )
    found = function.tags()
    # Zappa makes a function before it tags it, and only after the platform's stack is there.
    if found is None or is_ours(target, found):
        return
    if target.stage.own_tags.keys() & found.keys() or stage.platform_stack in missing:
        yield f"the function {function.name}: {_foreign(target)}"


def _was_imported(target: Target, stack: str, tags: Mapping[str, str]) -> bool:
    """Whether a stack has this stage's pool: an import gives a stack no tags, only what follows."""
    if tags or stack != target.stage.cognito_stack:
        return False
    return target.resource_id(stack, "UserPool") in pools(target)


def _foreign(target: Target) -> str:
    tags = ", ".join(f"{name}={value}" for name, value in target.stage.own_tags.items())
    return (
        f"something else made it, because it does not have the tags {tags}. Choose another "
        "name for the stage, or delete or tag it yourself"
    )
