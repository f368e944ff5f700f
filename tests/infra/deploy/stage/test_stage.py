"""The stages of infra/stages.toml, and the commands that take one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.cli import build_parser
from infra.deploy import commands
from infra.deploy.arguments import COMMANDS
from infra.deploy.function.function import COMMAND_SECONDS
from infra.deploy.stage.stage import Stage
from infra.deploy.stage.stages_file import read_stage
from infra.deploy.stage.target import Target
from infra.deploy.stage.zappa_settings import description
from infra.deploy.zappa.function_code import zappa_settings
from infra.errors import InfraError
from infra.local.ports import free_port

PLATFORM = {"RoleArn": "arn:aws:iam::000000000000:role/x", "BundlesBucket": "bundles"}


def test_stages_of_the_repository_are_valid() -> None:
    assert read_stage("dev").production is False
    assert read_stage("prod").production is True
    assert read_stage("dev").function_name == "gatehouse-dev"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[dev]\nregion = 'eu-west-1'\n", "no stage prod: there are dev"),
        ("[prod]\n", "region is missing"),
        ("[prod]\nregion = 'eu-west-1'\nregoin = 1\n", "unknown: regoin"),
        ("prod = 1\n", "no stage prod"),
        ("[prod\n", r"stages\.toml is not TOML: .*line 1"),
    ],
)
def test_invalid_stage_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "stages.toml"
    file.write_text(text)
    with pytest.raises(InfraError, match=complaint):
        read_stage("prod", file)


def test_zappa_gets_its_settings_from_the_account() -> None:
    settings = zappa_settings(Target(Stage("dev", "eu-west-1")), PLATFORM)
    assert settings["dev"]["role_arn"] == PLATFORM["RoleArn"]
    assert settings["dev"]["s3_bucket"] == "bundles"
    assert "domain" not in settings["dev"]


def test_every_change_of_the_settings_changes_the_description_of_the_function() -> None:
    def settings(bucket: str) -> dict[str, Any]:
        platform = PLATFORM | {"BundlesBucket": bucket}
        return zappa_settings(Target(Stage("dev", "eu-west-1")), platform)

    assert description(settings("one")) == description(settings("one"))
    assert description(settings("one")) != description(settings("other"))
    # Zappa writes this description before it has applied the settings.
    assert description(settings("one")) != settings("one")["dev"]["lambda_description"]


def test_client_waits_longer_than_a_command_may_take() -> None:
    """After a timeout the client sends the command again, and two of them would run."""
    longest_start = 10
    settings = zappa_settings(Target(Stage("dev", "eu-west-1")), PLATFORM)
    assert settings["dev"]["timeout_seconds"] + longest_start < COMMAND_SECONDS


def test_destroying_a_production_stage_needs_the_production_flag() -> None:
    options = build_parser().parse_args(["destroy", "--stage", "prod", "--yes"])
    with pytest.raises(InfraError, match="add --production"):
        commands.run(options)


# `policy` needs no connection.
@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "policy"])
def test_unavailable_aws_is_one_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    monkeypatch.setattr(commands, "WORK", tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "unknown")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "unknown")
    options = build_parser().parse_args([command, "--stage", "dev"])
    options.yes = True
    with pytest.raises(InfraError, match=r"Could not connect(?s:.)*run the same command again"):
        commands.run(options)


def test_interrupted_command_says_how_to_continue(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "WORK", tmp_path)
    monkeypatch.setattr(commands, "plan", interrupted)
    with pytest.raises(KeyboardInterrupt):
        commands.run(build_parser().parse_args(["plan", "--stage", "dev"]))
    assert "run the same command again" in capsys.readouterr().err


def test_deployer_is_warned_of_credentials_that_expire_soon(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expiry = datetime.now(UTC) + timedelta(minutes=14, seconds=50)
    monkeypatch.setattr(commands, "WORK", tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "unknown")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "unknown")
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", expiry.isoformat())
    with pytest.raises(InfraError):
        commands.run(build_parser().parse_args(["deploy", "--stage", "dev"]))
    assert "The credentials expire in 15 minutes" in capsys.readouterr().err


def test_every_command_requires_a_stage(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        with pytest.raises(SystemExit):
            build_parser().parse_args([command])
        assert "--stage" in capsys.readouterr().err
