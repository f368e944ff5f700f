from __future__ import annotations

import subprocess
import sys

import pytest

from infra.environments import ROOT
from infra.local.ports import free_port
from local_cognito.login.configuration import Configuration, NotOnThisMachine


def configured(aws_endpoint_url: str) -> Configuration:
    return Configuration(port=4567, aws_endpoint_url=aws_endpoint_url, user_pool_id="eu-west-1_x")


def test_hosts_are_the_names_of_this_machine() -> None:
    configuration = configured("http://127.0.0.1:4566")
    assert configuration.base_url == "http://localhost:4567"
    assert configuration.hosts == ("127.0.0.1:4567", "localhost:4567")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://cognito-idp.eu-west-1.amazonaws.com",
        "http://192.0.2.1:4566",
        "http://127.0.0.1.example.com:4566",
        "http://localhost@example.com:4566",
        "https://127.0.0.1:4566",
        "",
    ],
)
def test_address_of_another_machine_is_refused(elsewhere: str) -> None:
    with pytest.raises(NotOnThisMachine, match="is not a local AWS"):
        configured(elsewhere)


@pytest.mark.slow
def test_program_refuses_to_start_with_another_aws() -> None:
    command = [sys.executable, "-m", "local_cognito.login", f"--port={free_port()}"]
    command += ["--aws-endpoint-url=http://192.0.2.1:4566", "--user-pool-id=eu-west-1_x"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: http://192.0.2.1:4566 is not a local AWS")
