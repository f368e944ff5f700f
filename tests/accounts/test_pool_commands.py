"""Django's commands for users and passwords explain what to do in the user pool instead."""

from __future__ import annotations

import shlex

import boto3
import pytest
from django.core.management import CommandError, call_command, execute_from_command_line
from pytest_django import Settings

# The tests have no database, because the commands read nothing.


def command_in(message: str) -> list[list[str]]:
    """Return the command lines at the end of a message."""
    _, colon, commands = message.partition(": aws")
    assert colon
    return [shlex.split(one) for one in f"aws{commands}".split(" && ")]


def assert_is_an_aws_command(command: list[str]) -> None:
    """Assert that the API has the operation, with parameters of these names."""
    program, service, operation, *options = command
    assert (program, service) == ("aws", "cognito-idp")
    client = boto3.client("cognito-idp", region_name="eu-west-1")
    name = operation.title().replace("-", "")
    shape = client.meta.service_model.operation_model(name).input_shape
    assert shape is not None
    members = shape.members
    known = {
        "--" + "".join(f"-{c.lower()}" if c.isupper() else c for c in one)[1:] for one in members
    }
    assert set(options[::2]) <= known | {"--region", "--endpoint-url"}


def test_createsuperuser_names_the_superuser_group(settings: Settings) -> None:
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({"owners", "admins"})
    with pytest.raises(CommandError) as caught:
        call_command("createsuperuser", "--username", "ada o'neill", interactive=False)
    [command] = command_in(str(caught.value))
    assert_is_an_aws_command(command)
    assert command[-4:] == ["--username", "ada o'neill", "--group-name", "admins"]
    assert settings.COGNITO_USER_POOL_ID in command
    assert str(caught.value).startswith("A group of the user pool makes a user a superuser.")


def test_createsuperuser_explains_how_to_configure_a_superuser_group(settings: Settings) -> None:
    settings.COGNITO_SUPERUSER_GROUPS = frozenset()
    settings.AWS_ENDPOINT_URL = None
    with pytest.raises(CommandError, match="COGNITO_SUPERUSER_GROUPS=admins") as caught:
        call_command("createsuperuser")
    commands = command_in(str(caught.value))
    assert [command[2] for command in commands] == ["create-group", "admin-add-user-to-group"]
    for command in commands:
        assert_is_an_aws_command(command)
        assert "--endpoint-url" not in command


@pytest.mark.parametrize("arguments", [[], ["ada@example.com"], ["--database", "default", "ada"]])
def test_changepassword_explains_how_to_reset_a_password(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="The user pool stores the passwords") as caught:
        call_command("changepassword", *arguments)
    [command] = command_in(str(caught.value))
    assert_is_an_aws_command(command)
    assert command[-1] == (arguments[-1] if arguments else "ada@example.com")


@pytest.mark.parametrize(
    "line",
    [
        "createsuperuser --noinput --email ada@example.com",
        "createsuperuser --id 1",
        "changepassword",
    ],
)
def test_command_about_users_ends_without_a_traceback(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        execute_from_command_line(["manage.py", *line.split()])
    assert ended.value.code == 1
    errors = capsys.readouterr().err
    assert errors.startswith("CommandError: ")
    assert len(errors.splitlines()) == 1
