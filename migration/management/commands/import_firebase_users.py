"""Create Django users for the users of Firebase, so that the endpoint can check their passwords."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.exceptions import FieldDoesNotExist
from django.core.management.base import BaseCommand, CommandError

from migration.firebase import MOST_MEM_COST, MOST_ROUNDS, FirebaseScryptPasswordHasher

BATCH = 500


class Command(BaseCommand):
    help = (
        "Create a Django user for each user of `firebase auth:export users.json`. The user name is "
        "the identifier at Firebase. Users who exist already are left as they are."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="users.json")
        parser.add_argument(
            "--rounds", type=int, default=MOST_ROUNDS, help="from the console of Firebase"
        )
        parser.add_argument(
            "--mem-cost", type=int, default=MOST_MEM_COST, help="from the console of Firebase"
        )
        parser.add_argument(
            "--salt-separator", required=True, help="base64_salt_separator of the console"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            with open(options["file"], encoding="utf-8") as file:  # noqa: PTH123
                found = json.load(file)["users"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(
                f"{options['file']} is not an export of Firebase: {type(error).__name__}."
            ) from error
        model = get_user_model()
        before, without_password = model._default_manager.count(), 0
        for begin in range(0, len(found), BATCH):
            users = [self._user(one, options) for one in found[begin : begin + BATCH]]
            without_password += sum(not user.has_usable_password() for user in users)
            names = [user.get_username() for user in users]
            field = model.USERNAME_FIELD
            known = set(
                model._default_manager.filter(**{f"{field}__in": names}).values_list(
                    field, flat=True
                )
            )
            model._default_manager.bulk_create(
                [user for user in users if user.get_username() not in known]
            )
        added = model._default_manager.count() - before
        self.stdout.write(f"{added} users were added, {len(found) - added} were known.")
        self.stdout.write(f"{without_password} users of the file have no password.")

    def _user(self, exported: dict[str, Any], options: dict[str, Any]) -> Any:
        model = get_user_model()
        identifier, digest = exported.get("localId"), exported.get("passwordHash")
        if not identifier:
            raise CommandError("A user of the file has no localId. Nothing of its part was added.")
        encoded = make_password(None)
        if digest:
            parts = (
                FirebaseScryptPasswordHasher.algorithm,
                str(options["mem_cost"]),
                str(options["rounds"]),
                options["salt_separator"],
                exported.get("salt", ""),
                digest,
            )
            encoded = "$".join(parts)
        first, _, last = str(exported.get("displayName") or "").partition(" ")
        values = {
            model.USERNAME_FIELD: str(identifier),
            model.get_email_field_name(): str(exported.get("email") or ""),
            "password": encoded,
            "is_active": not exported.get("disabled", False),
            "first_name": first[:150],
            "last_name": last[:150],
            "email_verified": bool(exported.get("emailVerified")),
            "phone_number": str(exported.get("phoneNumber") or ""),
        }
        return model(**{name: value for name, value in values.items() if _has_field(model, name)})


def _has_field(model: Any, name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True
