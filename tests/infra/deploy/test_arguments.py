"""The command line of deployments."""

from __future__ import annotations

import pytest

from infra.cli import build_parser

LOCAL = ["local", "deploy"]


def test_local_deployment_accepts_an_authorizer_and_a_domain() -> None:
    plain = build_parser().parse_args(LOCAL)
    assert (plain.authorizer, plain.domain) == ("none", None)
    asked = [*LOCAL, "--authorizer", "user-pool", "--domain", "gatehouse.localhost"]
    chosen = build_parser().parse_args(asked)
    assert (chosen.authorizer, chosen.domain) == ("user-pool", "gatehouse.localhost")


@pytest.mark.parametrize(
    "domain",
    ["localhost", "app.example.com", "app.localhost.example.com", "App.localhost", ".localhost"],
)
def test_domain_outside_localhost_is_refused(
    domain: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args([*LOCAL, "--domain", domain])
    assert "expected a name such as gatehouse.localhost" in capsys.readouterr().err
