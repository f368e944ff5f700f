"""The content of zappa_settings.json for a stage."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from infra.environments import ROOT
from infra.errors import InfraError

SETTINGS = ROOT / "zappa_settings.json"

# The ephemeral storage that a snapshot may have; Lambda's default.
_SNAPSHOT_MEGABYTES = 512


def stage_config(stage: str) -> dict[str, Any]:
    """Return the settings of a stage, with those that it inherits."""
    settings = _read()
    own = settings.get(stage, {"extends": "dev"})
    parent = own.get("extends")
    return {**(stage_config(parent) if parent else {}), **own}


def stage_settings(stage: str, **of_the_account: Any) -> dict[str, Any]:
    """Return the whole file, with what only the account knows added to `stage`."""
    settings = _read()
    if profile := stage_config(stage).get("profile_name"):
        raise InfraError(
            f"zappa_settings.json names the profile {profile}. Remove `profile_name` and set "
            f"AWS_PROFILE={profile} instead: all of a deployment uses the same credentials."
        )
    for name in {"runtime", "architecture", "snap_start"} & stage_config(stage).keys():
        raise InfraError(
            f"zappa_settings.json has `{name}`. Move it to the stage in infra/stages.toml, where "
            "`deploy` reads it."
        )
    settings.setdefault(stage, {"extends": "dev"}).update(of_the_account)
    return settings


def description(settings: Mapping[str, Any]) -> str:
    """Return the function's description for when Zappa has applied all of `settings`.

    The next deployment compares it to find out whether anything has changed. Zappa itself writes
    another description, so that an interrupted run of Zappa is repeated.
    """
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
    return f"Gatehouse, settings {digest}"


def is_in_vpc(stage: str) -> bool:
    """Return whether the stage's function has network interfaces in a VPC."""
    return bool(stage_config(stage).get("vpc_config"))


def is_traced(stage: str) -> bool:
    """Return whether the stage's function sends traces to X-Ray."""
    return bool(stage_config(stage).get("xray_tracing"))


def require_snapshots(stage: str) -> None:
    """Raise InfraError if the function has something that Lambda refuses together with SnapStart.

    https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html#snapstart-supported
    """
    config = stage_config(stage)
    storage = (config.get("ephemeral_storage") or {}).get("Size", _SNAPSHOT_MEGABYTES)
    refused = [name for name in ("provisioned_concurrency", "efs_config") if config.get(name)]
    if storage > _SNAPSHOT_MEGABYTES:
        refused.append("ephemeral_storage")
    if refused:
        raise InfraError(
            f"The stage {stage} has snap_start, and zappa_settings.json has "
            f"{', '.join(f'`{name}`' for name in refused)}, which Lambda refuses together. Remove "
            "one of them."
        )


def _read() -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(SETTINGS.read_text("utf-8"))
    return settings
