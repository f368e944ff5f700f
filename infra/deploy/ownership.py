"""Whether what is there under a stage's names is the stage's, and at rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from infra.deploy.function import Function
from infra.deploy.stacks import describe_stack
from infra.deploy.target import Target
from infra.errors import InfraError

# What a change set leaves that was never executed: there is nothing in it, and it has no tags yet.
_EMPTY = "REVIEW_IN_PROGRESS"


def require_ours(target: Target, *, while_deleted: bool = False) -> None:
    """Raise InfraError where a stack or the function is not this stage's, or is being changed.

    The error names all of them. `while_deleted`: whether a deletion in progress may go on.
    """
    problems = list(_problems(target, while_deleted=while_deleted))
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise InfraError(f"Nothing was changed:\n{lines}")


def is_ours(target: Target, tags: Mapping[str, str]) -> bool:
    return target.stage.own_tags.items() <= tags.items()


def _problems(target: Target, *, while_deleted: bool) -> Iterator[str]:
    stage = target.stage
    missing = set()
    for name in stage.all_stacks:
        stack = describe_stack(target, name)
        if stack is None or stack["StackStatus"] == _EMPTY:
            missing.add(name)
            continue
        status = stack["StackStatus"]
        if not is_ours(target, {tag["Key"]: tag["Value"] for tag in stack.get("Tags", ())}):
            yield f"the stack {name}: {_foreign(target)}"
        elif status.endswith("_IN_PROGRESS") and not (
            while_deleted and status == "DELETE_IN_PROGRESS"
        ):
            yield (
                f"the stack {name} is being changed ({status}), perhaps by another deployment: "
                "run the same command again when that has ended"
            )
    function = Function(
        target.client("lambda"), stage.function_name, polling_seconds=target.polling_seconds
    )
    tags = function.tags()
    # Zappa makes a function before it tags it, and only after the platform's stack is there.
    if tags is None or is_ours(target, tags):
        return
    if target.stage.own_tags.keys() & tags.keys() or stage.platform_stack in missing:
        yield f"the function {function.name}: {_foreign(target)}"


def _foreign(target: Target) -> str:
    tags = ", ".join(f"{name}={value}" for name, value in target.stage.own_tags.items())
    return (
        f"something else made it, for it does not have the tags {tags}. Choose another name for "
        "the stage, or delete or tag it yourself"
    )
