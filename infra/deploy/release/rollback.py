"""Move the alias back to the version that was released before."""

from __future__ import annotations

from infra.aws.aws_errors import explained
from infra.deploy.function.function import deployed_function
from infra.deploy.function.releases import Releases
from infra.deploy.ownership import require_ours
from infra.deploy.stage.target import Target


def rollback(target: Target) -> str:
    """Let the former version answer requests. Return its number.

    A version has its own code and variables. The database keeps its schema, and the stacks do not
    change.
    """
    with explained("the release"):
        # After a bad release, the stacks may still be changing for minutes.
        require_ours(target, while_changed=True)
        return Releases(deployed_function(target)).roll_back()
