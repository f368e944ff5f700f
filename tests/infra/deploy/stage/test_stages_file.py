from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from infra.deploy.stage import zappa_settings
from infra.deploy.stage.stages_file import OF_THE_STACKS, SECRETS, checked_values, read_stage
from infra.errors import InfraError
from project.environment.variables import Environment

GOOD = {"region": "eu-west-1"}
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d-4e5f"


def checked(**values: Any) -> dict[str, Any]:
    return checked_named("dev", **values)


def checked_named(name: str, **values: Any) -> dict[str, Any]:
    return checked_values(f"The stage {name} in stages.toml", GOOD | values, name=name)


def test_valid_values_are_not_changed() -> None:
    values = {
        "production": True,
        "public_url": "https://app.example.com",
        "certificate": CERTIFICATE,
        "hosted_zone": "Z0123456789ABCDEFGHIJ",
        "requests_per_second": 50,
        "burst": 1,
        "authorizer": "user-pool",
    }
    assert checked(**values) == GOOD | values


def test_parameters_and_variables_become_strings() -> None:
    given = {
        "AdminCreateUserOnly": True,
        "AutoConfirm": False,
        "AccessTokenMinutes": 15,
        "CallbackUrls": ["https://a.example.com/", "https://b.example.com/"],
        "OperatorsGroup": "staff",
    }
    assert checked(cognito=given)["cognito"] == {
        "AdminCreateUserOnly": "true",
        "AutoConfirm": "false",
        "AccessTokenMinutes": "15",
        "CallbackUrls": "https://a.example.com/,https://b.example.com/",
        "OperatorsGroup": "staff",
    }
    assert checked(environment={"COGNITO_RENEW_SECONDS": 60})["environment"] == {
        "COGNITO_RENEW_SECONDS": "60"
    }
    assert checked(tags={"CostCentre": "4711"})["tags"] == {"CostCentre": "4711"}


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"regions": "x"}, "unknown: regions: there are alarms, architecture, audit_archive"),
        ({"region": "Ireland"}, "region = 'Ireland': expected a region such as eu-west-1"),
        ({"region": 1}, "region = 1: expected a region"),
        ({"production": "yes"}, "production = 'yes': expected true or false"),
        ({"public_url": "http://app.example.com"}, "public_url = .*: expected an https address"),
        ({"public_url": "https://app.example.com/"}, "without a path"),
        ({"public_url": "https://app.example.com/dev"}, "without a path"),
        (
            {"hosted_zone": "example.com"},
            "hosted_zone = 'example.com': expected the id of a hosted",
        ),
        ({"hosted_zone": "Z1"}, "hosted_zone has no effect without certificate"),
        ({"certificate": CERTIFICATE}, "certificate has no effect without public_url"),
        (
            {"public_url": "https://a.example.com", "certificate": "arn:c"},
            "certificate = 'arn:c': expected the ARN",
        ),
        (
            {
                "public_url": "https://a.example.com",
                "certificate": CERTIFICATE.replace("eu-west-1", "us-east-1"),
            },
            "certificate is in us-east-1: expected one in the stage's own region",
        ),
        ({"requests_per_second": 0}, "requests_per_second = 0: expected a whole number from 1"),
        ({"requests_per_second": True}, "requests_per_second = True: expected a whole number"),
        ({"burst": 1.5}, r"burst = 1\.5: expected a whole number from 1"),
        ({"authorizer": "cognito"}, "authorizer = 'cognito': expected one of none, user-pool"),
        ({"cognito": "Mfa"}, r"cognito = 'Mfa': expected a table, \[NAME\.cognito\]"),
        ({"cognito": {"Mfa": 1.5}}, "cognito: Mfa: expected a string, a whole number"),
        ({"cognito": {"Mfa": {"x": 1}}}, "cognito: Mfa: expected a string, a whole number"),
        ({"cognito": {"CallbackUrls": [["x"]]}}, "CallbackUrls: expected a string, a whole"),
        ({"environment": {"log_level": "x"}}, "environment: log_level: expected a variable's"),
        ({"environment": {"LOG_LEVEL": None}}, "environment: LOG_LEVEL: expected a string"),
        ({"tags": {"aws:x": "y"}}, "tags: aws:x: expected up to 128"),
        ({"tags": {"x": "a" * 257}}, "tags: x = .*: expected a string of up to 256"),
        ({"tags": {"x": 1}}, "tags: x = 1: expected a string"),
        ({"tags": {"x": " y"}}, "tags: x = ' y': expected a string"),
        ({"tags": {"stage": "prod"}}, "tags: stage: the deployment sets Stage itself"),
        ({"tags": {"Team": "a", "team": "b"}}, "tags: team: IAM does not distinguish it from Team"),
        ({"tags": {f"x{number}": "" for number in range(41)}}, "tags: 41; expected at most"),
        ({"environment": {"X": "1"}}, "environment: X: expected a variable's name"),
        ({"environment": {"AWS_REGION": "x"}}, "environment: AWS_REGION: Lambda sets it itself"),
        (
            {"environment": {"AWS_LAMBDA_EXEC_WRAPPER": "x"}},
            "AWS_LAMBDA_EXEC_WRAPPER: Lambda sets it itself",
        ),
        ({"environment": {"A1": "x" * 2500, "A2": "x" * 2500}}, "environment: 5004 bytes; Lambda"),
        (
            {"cognito": {"GroupScopes": "x" * 4097}},
            "GroupScopes: 4097 bytes; CloudFormation allows",
        ),
        ({"public_url": f"https://{'a' * 64}.example.com"}, "public_url = .*: expected an https"),
        ({"alarms": "operators"}, "alarms = .*: expected an e-mail address"),
        ({"alarms": "a@example.com, b@example.com"}, "alarms = .*: expected an e-mail address"),
        ({"public_url": "https://a-.example.com"}, "public_url = .*: expected an https"),
    ],
)
def test_invalid_values_are_refused_with_what_was_expected(
    values: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(
        InfraError, match=f"The stage dev in stages.toml is invalid(?s:.)*{complaint}"
    ):
        checked(**values)


@pytest.mark.parametrize("name", ["dev", "prod", "test2", "a" * 20])
def test_stage_name_that_every_service_accepts_is_valid(name: str) -> None:
    assert checked_named(name) == GOOD


@pytest.mark.parametrize(
    "name", ["a-cognito", "my_stage", "Prod", "2nd", "", "a" * 21, "dév", "dev\n", "a.b", "dev "]
)
def test_stage_name_that_a_service_refuses_is_refused(name: str) -> None:
    with pytest.raises(InfraError, match="expected up to 20 lower-case letters and digits"):
        checked_named(name)


@pytest.mark.parametrize("name", ["myaws", "amazonas", "cognito2"])
def test_reserved_word_in_the_domain_is_refused(name: str) -> None:
    with pytest.raises(InfraError, match="Cognito refuses a domain with"):
        checked_named(name)
    assert checked_named(name, cognito={"DomainPrefix": "mine"})


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_secret_is_refused_and_not_quoted(name: str) -> None:
    with pytest.raises(InfraError, match=f"{name} is a secret") as caught:
        checked(environment={name: "hush"})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(OF_THE_STACKS))
def test_variables_that_follow_from_the_stacks_are_refused(name: str) -> None:
    with pytest.raises(InfraError, match=f"{name} follows from what is deployed"):
        checked(environment={name: "x"})


def test_error_names_all_problems() -> None:
    with pytest.raises(InfraError) as caught:
        checked_values("x", {"burst": 0, "nonsense": 1, "tags": 1}, name="x-y")
    assert len(str(caught.value).splitlines()) == 6


def test_secret_variables_of_the_application_are_secrets_of_the_stage() -> None:
    assert {each.name for each in fields(Environment) if not each.repr} == SECRETS
    assert {each.name for each in fields(Environment)} > OF_THE_STACKS


def test_oldest_runtime_needs_the_architecture_that_its_packages_have() -> None:
    with pytest.raises(InfraError, match='set architecture = "x86_64" too'):
        checked(runtime="python3.11")
    former = {"runtime": "python3.11", "architecture": "x86_64"}
    assert checked(**former) == GOOD | former


@pytest.mark.parametrize("values", [{"runtime": "python3.10"}, {"architecture": "arm"}], ids=str)
def test_unknown_runtime_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(InfraError, match="expected one of"):
        checked(**values)


def test_snapshot_needs_a_runtime_that_has_them() -> None:
    with pytest.raises(InfraError, match=r"snap_start needs a runtime of python3\.12, "):
        checked(snap_start=True, runtime="python3.11", architecture="x86_64")
    newest = {"snap_start": True, "runtime": "python3.14"}
    assert checked(**newest) == GOOD | newest


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("provisioned_concurrency", 2),
        ("efs_config", [{"Arn": "arn", "LocalMountPath": "/mnt/files"}]),
        ("ephemeral_storage", {"Size": 1024}),
    ],
)
def test_snapshot_is_refused_with_what_lambda_refuses_together(
    setting: str, value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, settings = tmp_path / "stages.toml", tmp_path / "zappa_settings.json"
    file.write_text('[dev]\nregion = "eu-west-1"\nsnap_start = true\n')
    monkeypatch.setattr(zappa_settings, "SETTINGS", settings)
    settings.write_text(json.dumps({"dev": {setting: value}}))
    with pytest.raises(InfraError, match=f"has `{setting}`, which Lambda refuses together"):
        read_stage("dev", file)
    settings.write_text(json.dumps({"dev": {"ephemeral_storage": {"Size": 512}}}))
    assert read_stage("dev", file).snap_start


PREVIEWS = '[preview]\nregion = "eu-west-1"\npreviews = true\n'


def test_preview_has_the_settings_of_its_table(tmp_path: Path) -> None:
    file = tmp_path / "stages.toml"
    file.write_text(PREVIEWS)
    stage = read_stage("preview12", file)
    assert (stage.name, stage.region, stage.is_pattern) == ("preview12", "eu-west-1", False)
    assert read_stage("preview", file).is_pattern
    # All previews have one boundary, so that a new preview needs no administrator.
    assert stage.boundary_name == read_stage("preview", file).boundary_name
    for name in ("preview1x", "previews", "prod1"):
        with pytest.raises(InfraError, match=f"has no stage {name}"):
            read_stage(name, file)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ('[previewer]\nregion = "eu-west-1"\n', "the name of previewer begins with preview"),
        ('[preview3]\nregion = "eu-west-1"\n', "the name of preview3 begins with preview"),
        ("production = true\n", "cannot be production stages"),
        ('public_url = "https://app.example.com"\n', "cannot share a public_url"),
    ],
)
def test_previews_that_endanger_other_stages_are_refused(
    tmp_path: Path, more: str, problem: str
) -> None:
    file = tmp_path / "stages.toml"
    file.write_text(PREVIEWS + more)
    with pytest.raises(InfraError, match=problem):
        read_stage("preview1", file)
