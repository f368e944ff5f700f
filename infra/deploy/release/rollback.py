"""Requests back to the version that was released before."""

from __future__ import annotations

from infra.aws.aws_errors import explained
from infra.deploy.deployment import deployed_function
from infra.deploy.function.releases import Releases
from infra.deploy.ownership import require_ours
from infra.deploy.stage.target import Target


def rollback(target: Target) -> str:
    """Have requests answered by the former version; returns its number. Raises InfraError.

    A version has its own code and variables. The database keeps its schema, and the stacks stay as
    they are.
    """
    with explained("the release"):
        # Stacks may be busy for minutes after a release that turned out bad.
        require_ours(target, while_changed=True)
        function = deployed_function(target)
        return Releases(function, polling_seconds=target.polling_seconds).roll_back()
