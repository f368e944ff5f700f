"""The commands that need the application's environment."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3

from infra.aws.aws_errors import explained
from infra.aws.client_config import client_config
from infra.deploy import commands as deploy_commands
from infra.deploy.arguments import COMMANDS as DEPLOY_COMMANDS
from infra.deploy.arguments import RECOVER, ROTATE
from infra.environments import APP, ROOT
from infra.errors import InfraError
from infra.local import django, environment_file
from infra.local.demo import DEMO_PASSWORD, DEMO_USERS
from infra.local.home import Home
from infra.local.pool import environment_before_first_run
from infra.local.ports import Ports
from infra.local.run import run as run_locally
from infra.local.run_deployed import run as deploy_and_run_locally
from infra.local.run_pool import run as run_pool_locally
from infra.tokens import access_token, machine_token
from infra.user_import import commands as user_import
from infra.users import ensure_user

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


def run(options: argparse.Namespace) -> int:
    if options.action in {*DEPLOY_COMMANDS, RECOVER, ROTATE}:
        return deploy_commands.run(options)
    actions: dict[str, Callable[[argparse.Namespace, Home], None]] = {
        "local run": _local_run,
        "local pool": _local_pool,
        "local deploy": _local_deploy,
        "local manage": _local_manage,
        "local env": _local_env,
        "local reset": _local_reset,
        "token": _token,
        "users create": _users_create,
        "users import": _users_import,  # only with user-migration
    }
    with explained(f"`{options.action}`"):
        actions[options.action](options, Home(options.home))
    return 0


def _local_run(options: argparse.Namespace, home: Home) -> None:
    run_locally(home, Ports(options.port, options.aws_port, options.login_port))


def _local_pool(options: argparse.Namespace, home: Home) -> None:
    run_pool_locally(
        home, options.site, options.aws_port, options.login_port, listen=options.listen
    )


def _local_deploy(options: argparse.Namespace, home: Home) -> None:
    deploy_and_run_locally(
        home,
        options.aws_port,
        options.login_port,
        options=options.options,
        rehearses=options.rehearse,
    )


def _local_manage(options: argparse.Namespace, home: Home) -> None:
    if home.environment_file.exists():
        settings = environment_file.read(home.environment_file)
    else:
        # Most commands need the models and the database, but no user pool.
        print("The local stack was never started, so there is no user pool yet.", file=sys.stderr)
        home.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings = environment_before_first_run(home.database_url)
    os.chdir(ROOT)
    command = [str(APP.python), "manage.py", *options.arguments]
    environment = django.process_environment(settings)
    os.execve(APP.python, command, environment)  # noqa: S606 - no shell wanted


def _local_env(options: argparse.Namespace, home: Home) -> None:
    del options
    for name, value in environment_file.read(home.environment_file).items():
        print(f"export {name}='{value}'")


def _local_reset(options: argparse.Namespace, home: Home) -> None:
    del options
    home.delete()


def _token(options: argparse.Namespace, home: Home) -> None:
    _enter_pool_environment(home)
    if options.machine:
        domain = _required("COGNITO_DOMAIN")
        pool_id = os.environ["COGNITO_USER_POOL_ID"]
        print(machine_token(_cognito(), user_pool_id=pool_id, domain=domain))
        return
    print(
        access_token(
            _cognito(),
            client_id=_required("COGNITO_CLIENT_ID"),
            client_secret=os.environ.get("COGNITO_CLIENT_SECRET", ""),
            email=options.user,
            password=_password(options.user, demo="AWS_ENDPOINT_URL" in os.environ),
        )
    )


def _users_create(options: argparse.Namespace, home: Home) -> None:
    _enter_pool_environment(home)
    created = ensure_user(
        _cognito(),
        user_pool_id=os.environ["COGNITO_USER_POOL_ID"],
        email=options.email,
        password=_password(options.email, demo=False),
        groups=options.group,
    )
    if not created:
        raise InfraError(f"{options.email} exists already. The user was not changed.")


# begin capability user-migration
def _users_import(options: argparse.Namespace, home: Home) -> None:
    _enter_pool_environment(home)
    user_import.run(options)


# end capability user-migration


def _enter_pool_environment(home: Home) -> None:
    """Use the local stack's variables, unless the environment names a pool itself."""
    if "COGNITO_USER_POOL_ID" not in os.environ:
        local = django.process_environment(environment_file.read(home.environment_file))
        os.environ.clear()
        os.environ.update(local)


def _required(name: str) -> str:
    if name not in os.environ:
        raise InfraError(f"COGNITO_USER_POOL_ID is set, but {name} is not.")
    return os.environ[name]


def _cognito() -> CognitoIdentityProviderClient:
    return boto3.client(
        "cognito-idp", region_name=_required("COGNITO_REGION"), config=client_config()
    )


def _password(email: str, *, demo: bool) -> str:
    """Return the password from the environment or the terminal, or that of a demo user.

    It is no argument, because other users of the machine can see command lines.
    """
    given = os.environ.get("GATEHOUSE_PASSWORD")
    if given:
        return given
    if demo and email in {user.email for user in DEMO_USERS}:
        return DEMO_PASSWORD
    if not sys.stdin.isatty():
        raise InfraError(f"Set GATEHOUSE_PASSWORD to the password of {email}.")
    return getpass.getpass(f"Password of {email}: ")
