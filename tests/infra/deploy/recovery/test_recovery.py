"""`infra recover` against the local Cognito, whose clock goes on an hour at a time."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.cli import build_parser
from infra.deploy import commands
from infra.deploy.recovery import pool_recovery
from infra.deploy.recovery.command import recover
from infra.deploy.recovery.pool_recovery import PoolRecovery, preview_lines, status_lines
from infra.deploy.stage.target import Target
from infra.deploy.step import Run
from infra.deploy.user_pool.user_pool import UserPool
from infra.errors import InfraError
from infra.local.local_deployment import local_target
from infra.local.ministack import REGION, MiniStack
from local_cognito.login.user_pool.web_endpoints import WebEndpoints
from tests.infra.deploy.interruptions import hurry

HOUR = 3600


def options(*arguments: str) -> argparse.Namespace:
    return build_parser().parse_args(["recover", "--stage", "dev", *arguments])


def written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


class Stage:
    """A stage with a pool that has lost a user an hour after it was made."""

    def __init__(self, run: Run, cognito: Any, ministack: MiniStack) -> None:
        self.target, self.cognito = run.target, cognito
        self.pool = {"UserPoolId": run.pool["UserPoolId"]}
        self.web = WebEndpoints(ministack.endpoint_url)
        self.made = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        self.offset = 0
        cognito.admin_create_user(**self.pool, Username="ann@example.com")
        cognito.admin_add_user_to_group(
            **self.pool, Username="ann@example.com", GroupName="operators"
        )

    def pass_time(self, seconds: int) -> None:
        self.offset += seconds
        self.web.call("LocalSetClock", {"Offset": self.offset}, region=REGION)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.offset)

    @property
    def moment(self) -> datetime:
        return self.made + timedelta(minutes=30)

    @property
    def users(self) -> list[str]:
        found = self.cognito.list_users(**self.pool)["Users"]
        return sorted(
            one["Value"] for user in found for one in user["Attributes"] if one["Name"] == "email"
        )

    def recover(self, *arguments: str) -> None:
        recover(options(*(arguments or ("--to", written(self.moment)))), self.target)


@pytest.fixture
def stage(
    empty_ministack: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    hurry(monkeypatch, tmp_path)
    run = Run(local_target(empty_ministack, login_url="http://localhost:9"), tmp_path)
    UserPool().apply(run)
    made = Stage(run, run.target.client("cognito-idp"), empty_ministack)
    monkeypatch.setattr(pool_recovery, "now", made.now)
    made.pass_time(HOUR)
    made.cognito.admin_delete_user(**made.pool, Username="ann@example.com")
    made.cognito.admin_create_user(**made.pool, Username="bob@example.com")
    yield made
    made.web.call("LocalSetClock", {"Offset": 0}, region=REGION)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that sets what the deployer types."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)

    def types(text: str) -> None:
        monkeypatch.setattr("builtins.input", lambda _: text)

    return types


@pytest.mark.ministack
def test_preview_is_shown_and_confirmed_before_users_change(
    stage: Stage, typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    stage.recover("--to", written(stage.moment), "--dry-run")
    out = capsys.readouterr().out
    assert "Users                1         0         1" in out
    assert "The audit trail does not say which changes these are." in out, "no function"
    assert "Nothing was changed" in out
    typed("prod")
    with pytest.raises(InfraError, match="Nothing was changed, and changes"):
        stage.recover()
    assert stage.users == ["bob@example.com"]
    assert status_lines(stage.cognito, stage.pool["UserPoolId"]) == []
    stage.cognito.admin_enable_user(**stage.pool, Username="bob@example.com")

    typed("dev")
    stage.recover()
    out = capsys.readouterr().out
    assert "The user pool is as it was" in out
    assert "docs/disaster-drill.md#after-a-recovery-of-the-users" in out
    assert stage.users == ["ann@example.com"]
    members = stage.cognito.list_users_in_group(**stage.pool, GroupName="operators")["Users"]
    assert len(members) == 1

    stage.recover()
    assert "was recovered to this time already" in capsys.readouterr().out


@pytest.mark.ministack
def test_interrupted_recovery_continues_or_is_cancelled(
    stage: Stage,
    typed: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    typed("dev")

    def interrupt(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupt)
    with pytest.raises(KeyboardInterrupt):
        stage.recover()
    assert "may still be paused" in capsys.readouterr().err
    shown = UserPool().status(stage.target)
    expected = f"paused by a recovery to {written(stage.moment)}: PREVIEW_GENERATED"
    assert any(line.endswith(expected) for line in shown)
    with pytest.raises(InfraError, match=f"Continue with --to {written(stage.moment)}"):
        stage.recover("--to", written(stage.moment + timedelta(minutes=1)), "--yes")
    stage.recover("--cancel")
    stage.recover("--cancel")
    assert capsys.readouterr().out.splitlines()[-1] == "No recovery is active."

    with pytest.raises(KeyboardInterrupt):
        stage.recover()
    [active] = stage.cognito.list_point_in_time_recoveries(**stage.pool, MaxResults=1)[
        "Restorations"
    ]
    # The process is killed right after the confirmation.
    stage.cognito.start_point_in_time_recovery(**stage.pool, RestoreId=active["RestoreId"])
    with pytest.raises(InfraError, match="cannot be cancelled"):
        stage.recover("--cancel")
    with pytest.raises(InfraError, match="nothing to preview"):
        stage.recover("--to", written(stage.moment), "--dry-run")
    stage.recover("--to", written(stage.moment), "--yes")
    assert stage.users == ["ann@example.com"]


@pytest.mark.ministack
def test_time_that_cannot_be_recovered_pauses_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for moment in (stage.now() - timedelta(minutes=14), stage.made - timedelta(minutes=1)):
        with pytest.raises(InfraError, match="goes back 1 day, and its last 15 minutes"):
            stage.recover("--to", written(moment), "--yes")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    with pytest.raises(InfraError, match="There is no terminal"):
        stage.recover()
    stage.cognito.update_user_pool(**stage.pool, UserPoolTier="LITE")
    with pytest.raises(InfraError, match="tier LITE, which has no recovery"):
        stage.recover("--to", written(stage.moment), "--yes")
    stage.cognito.update_user_pool(**stage.pool, UserPoolTier="ESSENTIALS")
    assert stage.cognito.list_point_in_time_recoveries(**stage.pool)["Restorations"] == []


class Cognito:
    """A user pool API with one recovery in a status that the local Cognito does not reach."""

    def __init__(self, status: str) -> None:
        self.recovery = {
            "RestoreId": "1",
            "RestoreStatus": status,
            "RestoreTimestamp": datetime(2026, 11, 28, 12, tzinfo=UTC),
        }

    def list_point_in_time_recoveries(self, **_: Any) -> dict[str, Any]:
        return {"Restorations": [self.recovery]}

    def describe_point_in_time_recovery(self, **_: Any) -> dict[str, Any]:
        return {"Restoration": self.recovery}


MOMENT = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", sorted(pool_recovery.STUCK))
def test_recovery_that_aws_has_stopped_names_the_support_case(status: str) -> None:
    recovery = PoolRecovery(Cognito(status), "eu-west-1_x", say=print, polling_seconds=0)
    calls: list[Callable[[], object]] = [
        recovery.cancel,
        lambda: recovery.preview(MOMENT),
        lambda: recovery.restore({"RestoreId": "1", "RestoreStatus": "RESTORING"}),
    ]
    for call in calls:
        with pytest.raises(InfraError, match="support case"):
            call()


def test_step_that_takes_too_long_says_that_users_are_paused() -> None:
    recovery = PoolRecovery(
        Cognito("RESTORING"), "eu-west-1_x", say=print, polling_seconds=0, wait_seconds=0
    )
    with pytest.raises(InfraError, match="Run the same command again"):
        recovery.restore({"RestoreId": "1", "RestoreStatus": "RESTORING"})


def test_preview_that_failed_is_an_error() -> None:
    recovery = PoolRecovery(Cognito("PREVIEW_GENERATION_FAILED"), "x", say=print, polling_seconds=0)
    with pytest.raises(InfraError, match="without changing the user pool"):
        recovery.restore({"RestoreId": "1", "RestoreStatus": "RESTORING"})


def test_counts_are_a_table() -> None:
    preview = [{"Entity": "User MFAs", "CreateCount": 1_234_567, "UpdateCount": 0}]
    assert preview_lines({"RestorePreview": preview})[1:] == [
        "User MFAs    1,234,567         0         0"
    ]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-28T12:00:00Z", MOMENT),
        ("2026-11-28T12:00", MOMENT),
        ("2026-11-28T13:00:00.750+01:00", MOMENT),
        ("2026-11-28 12:00:00", MOMENT),
    ],
)
def test_time_is_in_utc_and_in_whole_seconds(text: str, moment: datetime) -> None:
    assert options("--to", text).to == moment


@pytest.mark.parametrize(
    "arguments",
    [(), ("--to", "2026-11-28"), ("--to", "yesterday"), ("--to", "2026-11-28T12:00Z", "--cancel")],
)
def test_other_arguments_are_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        options(*arguments)


def test_command_runs_recover(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[Target] = []
    monkeypatch.setattr(commands, "recover", lambda _, target: seen.append(target))
    monkeypatch.setattr(commands, "WORK", tmp_path)
    assert commands.run(options("--cancel")) == 0
    assert seen[0].stage.name == "dev"
