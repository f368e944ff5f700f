"""`python -m infra users import`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import Any

import boto3

from infra.aws.client_config import client_config
from infra.errors import InfraError
from infra.user_import import report
from infra.user_import.arguments import AUTO, FORMS
from infra.user_import.importing import Importer, Result
from infra.user_import.jobs import Jobs
from infra.user_import.people import Person
from infra.user_import.role import ensure_role
from infra.user_import.sources import SOURCES


def run(options: argparse.Namespace) -> None:
    """Raises InfraError, also if users could not be imported."""
    people = SOURCES[options.source](options.file)
    if options.only:
        people = [person for person in people if person.email == options.only.lower()]
        if not people:
            raise InfraError(f"The export has no user with the e-mail address {options.only}.")
    pool, region = os.environ["COGNITO_USER_POOL_ID"], _region()
    cognito = _client("cognito-idp", region)
    role = options.role or (
        "" if options.report_only else ensure_role(_client("iam"), user_pool_id=pool, region=region)
    )
    importer = Importer(
        cognito,
        Jobs(
            cognito,
            _client("logs", region),
            user_pool_id=pool,
            role=role,
            progress=print,
        ),
        pool,
        options.id_attribute,
        print,
        hash_column=options.hash_column,
        forms=FORMS if options.hash_form == AUTO else (options.hash_form,),
    )
    result = importer.run(
        people,
        import_users=not options.report_only,
        delete_unconfirmed=options.delete_unconfirmed,
    )
    if options.groups:
        _add_to_groups(cognito, pool, people, result)
    directory = options.report or options.file.with_name(f"{options.file.name}.report")
    print(report.table(people, result))
    for path in report.write(directory, people, result):
        print(path)


def _add_to_groups(cognito: Any, pool: str, people: Sequence[Person], result: Result) -> None:
    """Add users to groups, which must exist. Repeated calls change nothing."""
    for person in people:
        user = result.users.get(person.id)
        if user is None:
            continue
        for group in person.groups:
            try:
                cognito.admin_add_user_to_group(
                    UserPoolId=pool, Username=user.username, GroupName=group
                )
            except cognito.exceptions.ResourceNotFoundException:
                raise InfraError(f"The user pool has no group {group}. Create it first.") from None


def _client(service: Any, region: str | None = None) -> Any:
    return boto3.client(service, region_name=region or _region(), config=client_config())


def _region() -> str:
    if "COGNITO_REGION" not in os.environ:
        raise InfraError("COGNITO_USER_POOL_ID is set, but COGNITO_REGION is not.")
    return os.environ["COGNITO_REGION"]
