"""A stage with every option of infra/stages.toml that the local AWS has, from its start to its end.

The bundle has one file, so that a deployment takes a second. The templates, Zappa and the local AWS
are real. tests/e2e/test_deployed.py runs the real bundle.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from infra.deploy.deployment import deploy, destroy, plan, status
from infra.deploy.function.function import deployed_function, has_snapshots
from infra.deploy.function.releases import Releases
from infra.deploy.release.rollback import rollback
from infra.local.local_deployment import local_stage, local_target
from infra.local.ministack import MiniStack
from tests.infra.deploy.interruptions import HANDLER, hurry, small_bundle
from tests.support.deployment import everything

pytestmark = pytest.mark.ministack


def test_stage_with_every_option_is_deployed_once_rolled_back_and_destroyed(
    empty_ministack: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch, tmp_path)
    domain = "gatehouse.localhost"
    front = local_stage(empty_ministack, authorizer="user-pool", domain=domain)
    stage = replace(
        front,
        runtime="python3.13",
        snap_start=True,
        session_tracking=True,
        sessions_per_user=5,
        alarms="operators@example.com",
        audit_stream="archive",
        audit_archive_days=365,
        cognito_logs="none",
    )
    target = local_target(empty_ministack, login_url="http://localhost:9", stage=stage)
    plain = replace(target, stage=replace(stage, snap_start=False))
    bundle, before = small_bundle(tmp_path), everything(target)

    deploy(plain, tmp_path, database_url="postgres://x/y", bundle=bundle)
    function = deployed_function(target)
    assert plan(target, tmp_path, bundle=bundle) == [
        "Modify SnapStart of gatehouse-dev: on",
        "Modify the alias live of gatehouse-dev, after its migrations",
    ]
    changes = deploy(target, tmp_path, database_url=None, bundle=bundle).changes
    assert changes[0] == "the function's environment"
    assert any("started from a snapshot" in line for line in status(target))
    assert any("session tracking: on, 5 sign-ins" in line for line in status(target))
    assert plan(target, tmp_path, bundle=bundle) == []
    assert deploy(target, tmp_path, database_url=None, bundle=bundle).changes == []

    # Zappa removes SnapStart from $LATEST, and the version has it nevertheless.
    first = Releases(function).live()
    changed = small_bundle(tmp_path, HANDLER + "\n")
    deploy(target, tmp_path, database_url=None, bundle=changed)
    second = Releases(function).live()
    assert first is not None
    assert second is not None
    assert has_snapshots(function.configuration(second.version) or {})
    # No version has the new code and former variables.
    assert int(second.version) == int(first.version) + 1

    began = time.monotonic()
    assert rollback(target) == first.version
    assert time.monotonic() - began < 5

    (kept,) = destroy(target)
    bucket = kept.partition("archive of the audit trail, ")[2].partition(",")[0]
    target.client("s3").delete_bucket(Bucket=bucket)
    assert everything(target) == before
