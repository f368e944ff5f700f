"""Move 10,000 users of a Django site to the local Cognito, and sign all of them in.

The hashes are as cheap as the hashers allow, because the run shows that all users can sign in, and
not how fast hashers are.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import (
    MD5PasswordHasher,
    PBKDF2PasswordHasher,
    ScryptPasswordHasher,
)

from infra.environments import ROOT
from infra.local.ministack import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, MiniStack
from infra.local.pool import provision_pool
from tests.support.old_site.process import KEY, KEY_ID, command, running

PASSWORD = "Imported-password-1"
THREADS = 4
# The hash of PASSWORD by bcrypt 5.0.0, which this environment does not have.
BCRYPT = "bcrypt$$2b$04$XrA2bWlMfEnZEPMeHFA/0O5lmE9K3qr/BZ4827dkyhLp.qOPoMjLC"
# How many of a hundred users have each hasher. Cognito cannot import the last one.
SHARES = {"pbkdf2_sha256": 45, "scrypt": 20, "bcrypt": 10, "argon2": 10, "md5": 15}


@dataclass
class Result:
    """Counts by the hasher of the users.

    Attributes:
        imported: users that the import has created.
        at_sign_in: users that their first sign-in has created.
        refused: users who could not sign in with the old password.
    """

    users: Counter[str] = field(default_factory=Counter)
    imported: Counter[str] = field(default_factory=Counter)
    at_sign_in: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def is_complete(self) -> bool:
        return not self.refused and self.imported + self.at_sign_in == self.users


def measure(number: int) -> Result:
    """Import the users, and then sign all of them in. It prints what it does."""
    with tempfile.TemporaryDirectory() as name, MiniStack.started() as aws:
        directory = Path(name)
        hashers = [_hasher_of(place) for place in range(number)]
        users = [
            {"email": _address(place), "username": f"user{place}", "password": _hash(one, place)}
            for place, one in enumerate(hashers)
        ]
        limits: dict[str, Any] = {"ACCOUNT_LIMIT": [1000, 3600], "SOURCE_LIMIT": [1_000_000, 3600]}
        with running(directory / "old", users, **limits) as old:
            pool_id, client_id = _pool(aws, old.url)
            file = directory / "users.jsonl"
            print(command(directory / "old", "export_users", str(file)))
            print(_import(aws, pool_id, file))
            with (directory / "users.jsonl.report/reconciliation.csv").open() as lines:
                imported = {int(row["pk"]) - 1 for row in csv.DictReader(lines)}
            refused = _sign_all_in(aws, client_id, number)
            record = str(directory / "users.jsonl.report/reconciliation.csv")
            print(command(directory / "old", "record_imports", record))
            print(command(directory / "old", "migration_progress"))
    return Result(
        Counter(hashers),
        Counter(one for place, one in enumerate(hashers) if place in imported),
        Counter(
            one
            for place, one in enumerate(hashers)
            if place not in imported and place not in refused
        ),
        Counter(hashers[place] for place in refused),
    )


def table(result: Result) -> str:
    lines = [
        "| hasher of Django | users | imported | at the first sign-in | signed in | resets |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name in (*SHARES, "all"):
        users, imported, at_sign_in, refused = (
            counter.total() if name == "all" else counter[name]
            for counter in (result.users, result.imported, result.at_sign_in, result.refused)
        )
        # A user who cannot sign in with the old password must reset it.
        numbers = (users, imported, at_sign_in, users - refused, refused)
        lines.append(" | ".join((f"| {name}", *(f"{number:,}" for number in numbers))) + " |")
    return "\n".join(lines)


def _hasher_of(place: int) -> str:
    """Return the hasher of a user, so that each hundred users have the same SHARES."""
    rest = place % 100
    for name, share in SHARES.items():
        if rest < share:
            return name
        rest -= share
    raise AssertionError("SHARES must have a sum of 100")


def _address(place: int) -> str:
    return f"user{place}@example.com"


def _hash(hasher: str, place: int) -> str:
    salt = f"salt{place}"
    if hasher == "pbkdf2_sha256":
        return PBKDF2PasswordHasher().encode(PASSWORD, salt, 1)
    if hasher == "scrypt":
        return ScryptPasswordHasher().encode(PASSWORD, salt, n=2)
    if hasher == "md5":
        return MD5PasswordHasher().encode(PASSWORD, salt)
    return BCRYPT if hasher == "bcrypt" else _argon2(salt)


def _argon2(salt: str) -> str:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415 - only here

    kdf = Argon2id(
        salt=salt.rjust(16, "-").encode(), length=32, iterations=1, lanes=1, memory_cost=8
    )
    return "argon2" + kdf.derive_phc_encoded(PASSWORD.encode())


def _pool(aws: MiniStack, url: str) -> tuple[str, str]:
    """Return the ids of a pool that asks the old site, and of an app client."""
    os.environ.update(MIGRATION_URL=url, MIGRATION_KEY_ID=KEY_ID, MIGRATION_KEY=KEY)
    pool_id = provision_pool(aws, public_url="http://localhost:8000").user_pool_id
    client = aws.cognito().create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="bench",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
    )
    return pool_id, client["UserPoolClient"]["ClientId"]


def _import(aws: MiniStack, pool_id: str, file: Path) -> str:
    environment = {
        **os.environ,
        "COGNITO_USER_POOL_ID": pool_id,
        "COGNITO_REGION": REGION,
        "AWS_ENDPOINT_URL": aws.endpoint_url,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
    }
    arguments = [sys.executable, "-m", "infra", "users", "import", str(file)]
    return subprocess.run(  # noqa: S603 - our own command
        arguments, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout


def _sign_all_in(aws: MiniStack, client_id: str, number: int) -> set[int]:
    """Sign all users in. Return the users that it refuses."""
    began = time.monotonic()
    refused = set()
    cognito: Any = aws.cognito()

    def signs_in(place: int) -> bool:
        try:
            cognito.initiate_auth(
                ClientId=client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": _address(place), "PASSWORD": PASSWORD},
            )
        except cognito.exceptions.ClientError:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as threads:
        for place, has_succeeded in enumerate(threads.map(signs_in, range(number))):
            if not has_succeeded:
                refused.add(place)
            if (place + 1) % 1000 == 0:
                print(f"{place + 1} sign-ins in {time.monotonic() - began:.0f} s", flush=True)
    # A user would try again. The function gives up after 3.4 seconds on a busy machine.
    return {place for place in refused if not signs_in(place)}
