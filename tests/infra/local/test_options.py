"""The options of `make deploy-local`."""

from __future__ import annotations

from typing import cast

import pytest

from infra.cli import build_parser
from infra.deploy.bundle.packages import HERE
from infra.errors import InfraError
from infra.local.local_deployment import local_stage
from infra.local.ministack import MiniStack
from infra.local.options import OPTIONS, every_option, parse_options
from infra.processes import Child

LOCAL = ["local", "deploy"]


def test_stage_has_the_options_that_the_command_names() -> None:
    plain = build_parser().parse_args(LOCAL)
    assert (plain.options, plain.rehearse) == ({}, False)
    text = "alarms,audit_stream=bus,session_tracking=false,domain=shop.localhost"
    chosen = build_parser().parse_args([*LOCAL, "--with", text, "--rehearse"])
    assert chosen.rehearse
    assert chosen.options == {
        "alarms": "operators@example.com",
        "audit_stream": "bus",
        "session_tracking": False,
        "domain": "shop.localhost",
    }


def test_all_names_every_option_that_the_runtime_has() -> None:
    assert parse_options("all") == every_option(HERE.name)
    assert parse_options("all,alarms=me@example.com")["alarms"] == "me@example.com"
    assert every_option("python3.13") == OPTIONS
    assert every_option("python3.11").keys() == OPTIONS.keys() - {"snap_start"}


def test_stage_can_have_every_option() -> None:
    ministack = MiniStack(4566, cast(Child, None))
    stage = local_stage(ministack, runtime="python3.13", **OPTIONS)
    assert stage.public_url == "http://gatehouse.localhost:4566"
    assert (stage.audit_stream, stage.snap_start) == ("archive", True)
    with pytest.raises(InfraError, match="snap_start needs Python"):
        local_stage(ministack, runtime="python3.11", snap_start=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tracking", "'tracking' is not an option: there are all, authorizer, domain, alarms"),
        ("", "'' is not an option"),
        ("all=1", "'all' is not an option"),
        ("cognito_logs=all", "'cognito_logs' is not an option"),
        ("audit_stream=kafka", "audit_stream=kafka: expected one of none, bus, archive"),
        ("session_tracking=yes", "session_tracking=yes: expected true or false"),
        ("alarms=", "alarms=: expected an e-mail address"),
    ],
)
def test_invalid_option_is_refused_with_the_valid_ones(
    text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args([*LOCAL, "--with", text])
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "domain",
    ["localhost", "app.example.com", "app.localhost.example.com", "App.localhost", ".localhost"],
)
def test_domain_outside_localhost_is_refused(
    domain: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args([*LOCAL, "--with", f"domain={domain}"])
    assert "expected a name such as gatehouse.localhost" in capsys.readouterr().err
