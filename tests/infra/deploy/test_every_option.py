"""A stage with every option of infra/stages.toml that the local AWS has, from its start to its end.

The bundle has one file, so that a deployment takes a second. The templates, Zappa and the local AWS
are real. tests/e2e/test_deployed.py runs the real bundle. The printed policy is compared with all
calls of the commands, as in rights/test_recorded_deployment.py.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.cli import build_parser
from infra.deploy.deployment import deploy, plan, status
from infra.deploy.function.function import deployed_function, has_snapshots
from infra.deploy.function.releases import Releases
from infra.deploy.recovery import pool_recovery
from infra.deploy.recovery.command import recover
from infra.deploy.rights.policy import deployer_policy
from infra.deploy.rotation.command import rotate
from infra.deploy.stage.target import Target
from infra.local import rehearsal
from infra.local.inventory import everything
from infra.local.local_deployment import local_stage, local_target
from infra.local.ministack import REGION, MiniStack
from infra.local.options import OPTIONS
from infra.local.rehearsal import rehearse
from local_cognito.login.user_pool.web_endpoints import WebEndpoints
from tests.infra.deploy.interruptions import HANDLER, hurry, small_bundle
from tests.infra.deploy.rights.calls import Recorder
from tests.infra.deploy.rights.forms import FORMS, handled, unique
from tests.infra.deploy.rights.iam import Request
from tests.infra.deploy.rights.test_recorded_deployment import refused_and_spare

pytestmark = pytest.mark.ministack


@pytest.fixture
def hours_later(
    empty_ministack: MiniStack, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], None]]:
    """Return a function that advances the clock of the user pool, which can then be recovered."""
    web, offset = WebEndpoints(empty_ministack.endpoint_url), timedelta(hours=2)

    def advance() -> None:
        monkeypatch.setattr(pool_recovery, "now", lambda: datetime.now(UTC) + offset)
        web.call("LocalSetClock", {"Offset": int(offset.total_seconds())}, region=REGION)

    yield advance
    web.call("LocalSetClock", {"Offset": 0}, region=REGION)


def rotate_secrets_and_recover_users(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: Callable[[argparse.Namespace, Target], None], *arguments: str) -> None:
        command(build_parser().parse_args([*arguments, "--stage", "dev", "--yes"]), target)

    run(rotate, "secrets", "rotate", "--again", "--skip-grace")
    moment = datetime.now(UTC) + timedelta(hours=1)
    run(recover, "recover", "--to", f"{moment:%Y-%m-%dT%H:%M:%SZ}", "--dry-run")
    run(recover, "recover", "--to", f"{moment:%Y-%m-%dT%H:%M:%SZ}")
    monkeypatch.setenv("DATABASE_URL", "postgres://x/restored")
    run(recover, "recover", "--database", "--dry-run")
    run(recover, "recover", "--database")


def test_stage_with_every_option_is_deployed_once_rolled_back_and_destroyed(
    empty_ministack: MiniStack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hours_later: Callable[[], None],
) -> None:
    hurry(monkeypatch, tmp_path)
    settings = {**OPTIONS, "sessions_per_user": 5, "audit_archive_days": 365}
    stage = local_stage(empty_ministack, runtime="python3.13", **settings)
    target = local_target(empty_ministack, login_url=empty_ministack.endpoint_url, stage=stage)
    plain = replace(target, stage=replace(stage, snap_start=False))
    bundle, before = small_bundle(tmp_path), everything(target)
    recorder = Recorder(monkeypatch)

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
    hours_later()
    rotate_secrets_and_recover_users(target, monkeypatch)
    names = {call.name for call in recorder.calls}
    assert "cognito-idp:DeleteUserPoolClientSecret" in names
    assert "cognito-idp:StartPointInTimeRecovery" in names

    requests: list[Request] = []

    def inventory(of: Target) -> dict[str, list[str]]:
        # No command of a deployer lists everything.
        requests.extend(recorder.requests(stage))
        return everything(of)

    monkeypatch.setattr(rehearsal, "everything", inventory)
    lines = rehearse(target, tmp_path, before, database_url="postgres://x/restored", bundle=changed)
    again, _, back, gone = list(lines)
    assert again.startswith("Second run: nothing changed")
    assert 0 <= float(back.split()[-2]) < 5
    bucket = gone.partition("archive of the audit trail, ")[2].partition(",")[0]
    target.client("s3").delete_bucket(Bucket=bucket)
    assert everything(target) == before

    form = FORMS["every option"]
    needed = unique([*requests, *handled(form)])
    assert [*refused_and_spare(deployer_policy(form.stage), needed)] == []
