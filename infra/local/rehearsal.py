"""Rehearse the life of a stage on the local AWS: `make deploy-local ARGS=--rehearse`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from infra.deploy.bundle.bundle import Bundle, read_bundle
from infra.deploy.deployment import destroy
from infra.deploy.release.rollback import rollback
from infra.deploy.stage.target import Target
from infra.errors import InfraError
from infra.local.inventory import everything
from infra.local.local_deployment import deploy_stage


def rehearse(
    target: Target,
    directory: Path,
    before: Mapping[str, list[str]],
    *,
    database_url: str,
    bundle: Bundle | None = None,
) -> Iterator[str]:
    """Deploy a stage again, release other variables, roll back and destroy. Yield what happened.

    Args:
        directory: the directory of the deployment.
        before: what the account had before the deployment.
        bundle: the deployed bundle; None builds it again, which must give the same bytes.

    Raises:
        InfraError: a second run changed something, or `destroy` left something.
    """
    began = time.monotonic()
    changes = deploy_stage(target, directory, database_url=database_url, bundle=bundle).changes
    if changes:
        raise InfraError(f"The second run changed {', '.join(changes)}.")
    yield f"Second run: nothing changed, in {time.monotonic() - began:.1f} s."

    environment = {**target.stage.environment, "LOG_LEVEL": "WARNING"}
    other = replace(target, stage=replace(target.stage, environment=environment))
    same = bundle or read_bundle(directory / "bundle.zip")
    began = time.monotonic()
    changes = deploy_stage(other, directory, database_url=database_url, bundle=same).changes
    yield f"Another LOG_LEVEL: {', '.join(changes)}, in {time.monotonic() - began:.1f} s."

    began = time.monotonic()
    version = rollback(target)
    yield f"Rollback: version {version} is live again, in {time.monotonic() - began:.1f} s."

    began = time.monotonic()
    kept = destroy(target)
    seconds = time.monotonic() - began
    left = [
        f"{kind}: {name}"
        for kind, names in everything(target).items()
        for name in names
        if name not in before[kind] and name not in "\n".join(kept)
    ]
    if left:
        raise InfraError(f"`destroy` left {', '.join(left)}.")
    yield "\n".join([f"Destroyed in {seconds:.1f} s, and nothing is left.", *kept])
