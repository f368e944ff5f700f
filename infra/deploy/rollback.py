"""The former bundle back, from the bucket that keeps them."""

from __future__ import annotations

from infra.deploy.deployment import bundle_key, deployed_function
from infra.deploy.target import Target
from infra.errors import InfraError
from infra.provision import stack_outputs


def rollback(target: Target) -> str:
    """Run the code that ran before the present one; returns its digest (Lambda's CodeSha256).

    Code alone: the database keeps its schema, the stacks stay as they are. Raises InfraError.
    """
    function = deployed_function(target)
    present = function.configuration()
    bucket = stack_outputs(target.client("cloudformation"), target.stage.platform_stack).get(
        "BundlesBucket"
    )
    if present is None or bucket is None:
        raise InfraError(f"There is no {target.stage.function_name} to roll back.")
    digests = function.digests()
    # What was published before the present code was published first.
    older = digests[_last_index(digests, present["CodeSha256"]) + 1 :]
    if not older:
        raise InfraError("There is nothing to go back to: this is the first bundle of the stage.")
    function.use_code(bucket, bundle_key(older[0]))
    return older[0]


def _last_index(digests: list[str], digest: str) -> int:
    return len(digests) - 1 - digests[::-1].index(digest)
