"""Zappa uses the credentials of the deployment, from every kind of profile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.credentials import AssumeRoleProvider

from infra.cli import build_parser
from infra.deploy import commands
from infra.deploy.stage import zappa_settings
from infra.deploy.stage.target import Target
from infra.deploy.stage.zappa_settings import stage_settings
from infra.deploy.zappa.zappa import zappa
from infra.errors import ChildDied, InfraError
from infra.local.local_deployment import DEV
from infra.local.ministack import REGION, MiniStack
from tests.infra.deploy.interruptions import make_function, small_bundle

pytestmark = pytest.mark.ministack

SERIAL = "arn:aws:iam::000000000000:mfa/ann"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the prompts of botocore for a code. Each gets a valid code."""
    questions: list[str] = []

    def answer(question: str) -> str:
        questions.append(question)
        return "123456"

    original = AssumeRoleProvider.__init__

    def init(self: AssumeRoleProvider, *arguments: Any, **options: Any) -> None:
        original(self, *arguments, **options | {"prompter": answer})

    monkeypatch.setattr(AssumeRoleProvider, "__init__", init)
    return questions


@pytest.fixture
def target(empty_ministack: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    """Return a target with a profile that has a second factor, and a token of another session."""
    iam: Any = boto3.client(
        "iam",
        endpoint_url=empty_ministack.endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    everyone = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(
        RoleName="deployer",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everyone]}),
    )["Role"]["Arn"]
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.put_role_policy(
        RoleName="deployer",
        PolicyName="all",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everything]}),
    )
    config = tmp_path / "config"
    config.write_text(
        f"[profile deployer]\nrole_arn = {role}\nsource_profile = ann\nmfa_serial = {SERIAL}\n"
        "[profile ann]\naws_access_key_id = test\naws_secret_access_key = test\n"
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_PROFILE", "deployer")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-another-session")
    monkeypatch.setenv("AWS_ENDPOINT_URL", empty_ministack.endpoint_url)
    return Target(DEV, variables={"AWS_ENDPOINT_URL": empty_ministack.endpoint_url})


def test_code_of_a_second_factor_is_asked_for_once(
    target: Target, asked: list[str], tmp_path: Path
) -> None:
    """The real Zappa finds the function with the same credentials, without a terminal."""
    make_function(target, small_bundle(tmp_path))
    variables = target.child_variables()
    assert variables["AWS_ACCESS_KEY_ID"] != "test"
    assert variables["AWS_SESSION_TOKEN"] != "of-another-session"
    log = run_zappa(tmp_path, variables)
    assert "arn:aws:lambda:eu-west-1:000000000000:function:gatehouse-dev" in log
    assert [SERIAL in question for question in asked] == [True]
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        for file in tmp_path.rglob("*"):
            assert not file.is_file() or variables[name].encode() not in file.read_bytes()


def run_zappa(directory: Path, variables: dict[str, str]) -> str:
    settings = directory / "zappa_settings.json"
    settings.write_text(json.dumps(stage_settings("dev", aws_region=REGION)))
    log = directory / "zappa.log"
    zappa(
        "Zappa's status",
        ["status", "dev"],
        directory=directory,
        log=log,
        settings=settings,
        environment=variables,
    )
    return log.read_text()


def test_second_factor_without_a_terminal_is_one_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def plan(*_: object) -> list[str]:
        """Fail as getpass does at the end of the input."""
        raise EOFError

    monkeypatch.setattr(commands, "plan", plan)
    monkeypatch.setattr(commands, "WORK", tmp_path)
    with pytest.raises(InfraError, match="there is no terminal to type it in"):
        commands.run(build_parser().parse_args(["plan", "--stage", "dev"]))


def test_profile_in_the_settings_of_zappa_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "zappa_settings.json"
    file.write_text(json.dumps({"dev": {"profile_name": "other"}}))
    monkeypatch.setattr(zappa_settings, "SETTINGS", file)
    with pytest.raises(InfraError, match="AWS_PROFILE=other instead"):
        stage_settings("dev")


def test_zappa_with_invalid_credentials_is_an_error(target: Target, tmp_path: Path) -> None:
    variables = {
        **target.variables,
        "AWS_ACCESS_KEY_ID": "expired",
        "AWS_SECRET_ACCESS_KEY": "expired",
        "AWS_DEFAULT_REGION": REGION,
    }
    with pytest.raises(ChildDied, match=r"Then run the same command again\."):
        run_zappa(tmp_path, variables)
