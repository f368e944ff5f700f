"""`infra recover --database` against the local AWS, with a bundle that writes down its commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.deploy.deployment import deploy, plan
from infra.deploy.function.function import ALIAS, deployed_function, environment_of
from infra.deploy.recovery.command import recover
from infra.deploy.recovery.database import use_restored_database
from infra.deploy.release.rollback import rollback
from infra.errors import InfraError
from infra.local.local_deployment import local_target
from infra.local.ministack import MiniStack
from tests.infra.deploy.interruptions import HANDLER, hurry, small_bundle
from tests.infra.deploy.recovery.test_recovery import options

FORMER, RESTORED = "postgres://x/former", "postgres://x/restored"
# Writes each command down, with the database that it used.
RECORDING = """
    if "manage" in event:
        with open({file!r}, "a") as record:
            record.write(os.environ["DATABASE_URL"] + " " + event["manage"] + "\\n")
        return {{"output": "users: 2\\n"}}
"""


@pytest.mark.ministack
def test_users_are_signed_out_before_the_restored_database_is_used(
    empty_ministack: MiniStack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hurry(monkeypatch, tmp_path)
    target = local_target(empty_ministack, login_url="http://localhost:9")
    record = tmp_path / "commands"
    code = HANDLER.replace(
        '    if "manage" in event:\n        return {"output": ""}\n',
        RECORDING.format(file=str(record)).lstrip("\n"),
    )
    bundle = small_bundle(tmp_path, code)
    deploy(target, tmp_path, database_url=FORMER, bundle=bundle)
    function = deployed_function(target)

    def used() -> str:
        return environment_of(function.configuration(ALIAS) or {})["DATABASE_URL"]

    def commands() -> list[str]:
        lines = record.read_text().splitlines()
        record.write_text("")
        return lines

    commands()
    monkeypatch.setenv("DATABASE_URL", RESTORED)
    recover(options("--database", "--dry-run"), target)
    assert "The restored database has\nusers: 2" in capsys.readouterr().out
    assert not any(line.endswith("sign_out_everyone") for line in commands())
    use: Callable[..., Any] = lambda typed: use_restored_database(  # noqa: E731
        target, RESTORED, confirm=lambda: typed, is_dry=False
    )
    with pytest.raises(InfraError, match="Nothing was changed"):
        use(False)
    assert used() == FORMER
    assert plan(target, tmp_path, bundle=bundle) == []

    commands()
    # The process ends after the sign-out, before the alias has moved.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("infra.deploy.rotation.place.smoke_test", _fail)
        with pytest.raises(InfraError, match="interrupted"):
            use(True)
    assert used() == FORMER
    recover(options("--database", "--yes"), target)
    assert used() == RESTORED
    assert commands()[-3:] == [
        f"{RESTORED} migrate --no-input",
        f"{RESTORED} sign_out_everyone --dry-run",
        f"{RESTORED} sign_out_everyone",
    ]
    with pytest.raises(InfraError, match="There is no former version"):
        rollback(target)
    recover(options("--database", "--yes"), target)
    assert capsys.readouterr().out.splitlines()[-1] == "The stage uses this database already."
    monkeypatch.delenv("DATABASE_URL")
    deploy(target, tmp_path, database_url=None, bundle=bundle)
    assert used() == RESTORED, "the next deployment keeps it"
    with pytest.raises(InfraError, match="Set DATABASE_URL"):
        recover(options("--database", "--yes"), target)


def _fail(*_: object, **__: object) -> None:
    raise InfraError("interrupted")
