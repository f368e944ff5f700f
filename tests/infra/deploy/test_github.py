"""The role and the workflow that deploy from GitHub Actions."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from infra.aws.template import load_template, render
from infra.cli import build_parser, main
from infra.deploy.stage.stages_file import read_stage
from infra.environments import ROOT

GITHUB = ROOT / ".github"
FILES = (GITHUB / "workflows/deploy.yml", GITHUB / "actions/prepare/action.yml")
TEMPLATE = ROOT / "infra/deploy/github.yaml"
PARAMETERS = {"Stage": "dev", "Repository": "example/app"}
ISSUER = "token.actions.githubusercontent.com"


def role(**parameters: str) -> dict[str, Any]:
    return render(load_template(TEMPLATE), PARAMETERS | parameters)["Deployer"]


def subjects(**parameters: str) -> list[str]:
    [statement] = role(**parameters)["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    [conditions] = statement["Condition"].values()
    assert conditions[f"{ISSUER}:aud"] == "sts.amazonaws.com"
    found: list[str] = conditions[f"{ISSUER}:sub"]
    return found


def test_role_is_for_one_environment_or_branch_of_one_repository() -> None:
    assert subjects() == ["repo:example/app:environment:dev"]
    assert subjects(Environment="staging") == ["repo:example/app:environment:staging"]
    assert subjects(Branch="main") == [
        "repo:example/app:environment:dev",
        "repo:example/app:ref:refs/heads/main",
    ]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        *(("Repository", value) for value in ("example/*", "*/app", "example", "example/app:*")),
        *(("Environment", value) for value in ("*", "dev:x", "a b")),
        *(("Branch", value) for value in ("*", "main:x")),
        *(("Stage", value) for value in ("*", "Dev", "dev-1")),
    ],
)
def test_patterns_are_refused_in_the_trust_of_the_role(parameter: str, value: str) -> None:
    pattern = load_template(TEMPLATE)["Parameters"][parameter]["AllowedPattern"]
    assert not re.fullmatch(pattern, value)


def test_role_has_the_policy_of_the_stage_only() -> None:
    [policy] = role()["ManagedPolicyArns"]
    assert policy.endswith(":policy/gatehouse-dev-deployer")
    assert "Policies" not in role()


def test_workflow_is_valid_and_pins_every_action() -> None:
    for file in FILES:
        text = file.read_text("utf-8")
        document = yaml.safe_load(text)
        assert document["name"]
        for used in re.findall(r"uses: (\S+)(.*)", text):
            assert used[0].startswith("./") or re.fullmatch(
                r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", "".join(used)
            ), used


def test_every_job_is_off_by_default_and_has_the_least_permissions() -> None:
    document = yaml.safe_load(FILES[0].read_text("utf-8"))
    assert document["permissions"] == {"contents": "read"}
    for job in document["jobs"].values():
        assert "vars.DEPLOY_TO_AWS == 'true'" in job["if"]
        assert job["permissions"] == {"contents": "read", "id-token": "write"}
        assert job["timeout-minutes"] <= 60
        # The role trusts environments, whose protection rules apply.
        assert job["environment"]
        if job["environment"] != "${{ matrix.stage }}":
            # A pull request of a fork gets no rights.
            assert "head.repo.full_name == github.repository" in job["if"]


def test_no_script_contains_text_of_a_pull_request() -> None:
    for file in FILES:
        for script in re.findall(r"run: (?:\|\n((?: {10}.*\n|\n)+)|(.+))", file.read_text("utf-8")):
            for expression in re.findall(r"\$\{\{(.+?)\}\}", "".join(script)):
                assert expression.strip() == "matrix.stage"


def test_commands_and_stages_of_the_workflow_exist() -> None:
    text = FILES[0].read_text("utf-8")
    commands = re.findall(r"python -m infra (.+?)(?: >| \||\n)", text)
    assert len(commands) == 4
    for command in commands:
        words = command.replace("$STAGE", "preview12").replace("${{ matrix.stage }}", "prod")
        options = build_parser().parse_args(words.replace('"', "").split())
        assert read_stage(options.stage).name == options.stage


def test_plan_has_the_exit_status_1_for_every_error(capsys: pytest.CaptureFixture[str]) -> None:
    """The status 2 means changes."""
    assert main(["plan", "--stage", "missing", "--exit-code"]) == 1
    with pytest.raises(SystemExit) as ended:
        main(["plan", "--stage", "dev", "--exit-code", "--unknown"])
    assert ended.value.code == 1
    assert capsys.readouterr().out == ""
    assert main(["plan", "--stage", "missing"]) == 2
