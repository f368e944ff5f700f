"""The steps of a rotation, and what the deployer is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from infra.deploy.function.stored_secrets import CREATED, variables_of, with_created
from infra.deploy.rotation.ages import differing, status_lines, warnings
from infra.deploy.rotation.client_secrets import ClientSecrets
from infra.deploy.rotation.kinds import EncryptionKey, SigningKey
from infra.deploy.rotation.rotation import Options, Rotation
from infra.errors import InfraError

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
STORED = with_created(
    {
        "DATABASE_URL": "postgres://new",
        "DJANGO_SECRET_KEY": "first signing key",
        "TOKEN_ENCRYPTION_KEYS": "first-encryption-key",
    },
    client=NOW - timedelta(days=100),
    encryption=NOW - timedelta(days=100),
    signing=NOW - timedelta(days=100),
)


@dataclass
class Memory:
    """A place without Cognito. Tests with the local AWS are in test_interrupted_rotation.py."""

    stored: dict[str, str] = field(default_factory=lambda: dict(STORED))
    variables: dict[str, str] = field(
        default_factory=lambda: {
            **variables_of(STORED),
            "DATABASE_URL": "postgres://live",
            "LOG_LEVEL": "INFO",
        }
    )
    clock: datetime = NOW
    releases: list[dict[str, str]] = field(default_factory=list)
    client_secrets: ClientSecrets = field(init=False)

    def read(self) -> dict[str, str]:
        return dict(self.stored)

    def write(self, stored: Mapping[str, str]) -> None:
        self.stored = dict(stored)

    def live(self) -> Mapping[str, str]:
        return self.variables

    def release(self, variables: Mapping[str, str]) -> None:
        self.variables = dict(variables)
        self.releases.append(self.variables)

    def settle(self) -> None:
        pass

    def now(self) -> datetime:
        return self.clock


def rotate(kind: type[Rotation], place: Memory, *, answer: bool = True, **options: bool) -> str:
    said: list[str] = []
    kind(place, Options(say=said.append, confirm=lambda _: answer, **options)).run()
    return "\n".join(said)


def test_former_signing_key_is_removed_by_a_run_after_the_grace_period() -> None:
    place = Memory()
    assert "Run the same command again after 2026-11-28 21:00 UTC" in rotate(SigningKey, place)
    introduced, used = place.releases
    new = used["DJANGO_SECRET_KEY"]
    assert introduced["DJANGO_SECRET_KEY"] == "first signing key"
    assert introduced["DJANGO_SECRET_KEY_FALLBACKS"] == new
    assert used["DJANGO_SECRET_KEY_FALLBACKS"] == "first signing key"
    place.clock += timedelta(hours=8, minutes=59)
    rotate(SigningKey, place)
    assert len(place.releases) == 2
    place.clock += timedelta(minutes=1)
    rotate(SigningKey, place)
    assert "DJANGO_SECRET_KEY_FALLBACKS" not in place.variables
    assert place.variables["DJANGO_SECRET_KEY"] == new
    rotate(SigningKey, place)
    assert len(place.releases) == 3, "a key that is a few hours old is not replaced again"


def test_former_encryption_key_stays_behind_the_new_one_until_the_grace_period_ends() -> None:
    place = Memory()
    rotate(EncryptionKey, place)
    introduced, used = (one["TOKEN_ENCRYPTION_KEYS"].split(",") for one in place.releases)
    assert introduced[0] == used[1] == "first-encryption-key"
    assert introduced[1] == used[0]
    rotate(EncryptionKey, place, skips_grace=True)
    assert place.variables["TOKEN_ENCRYPTION_KEYS"] == used[0]


def test_grace_period_follows_from_the_shorter_lifetime_of_a_session() -> None:
    place = Memory()
    place.variables |= {"SESSION_IDLE_SECONDS": "86400", "SESSION_ABSOLUTE_SECONDS": "7200"}
    assert "after 2026-11-28 15:00 UTC" in rotate(SigningKey, place)


def test_rotation_changes_no_other_variable() -> None:
    place = Memory()
    rotate(SigningKey, place)
    assert place.variables["DATABASE_URL"] == "postgres://live"
    assert place.variables["LOG_LEVEL"] == "INFO"
    assert not [name for name in place.variables if name.startswith("NEXT_")]
    assert f"signing={NOW:%Y-%m-%dT%H:%MZ}" in place.variables[CREATED]


def test_dry_run_changes_nothing() -> None:
    place = Memory()
    assert rotate(SigningKey, place, is_dry=True).splitlines() == [
        "Create the next signing key.",
        "Let the application accept the next signing key.",
        "Let the application use the next signing key.",
        "After 9 hours: remove the former signing key.",
    ]
    assert place.stored == STORED
    assert place.releases == []


def test_nothing_is_removed_without_confirmation() -> None:
    place = Memory()
    rotate(SigningKey, place)
    with pytest.raises(InfraError, match="was not removed"):
        rotate(SigningKey, place, skips_grace=True, answer=False)
    assert place.variables["DJANGO_SECRET_KEY_FALLBACKS"] == "first signing key"


def test_values_appear_in_no_message() -> None:
    place = Memory()
    said = rotate(SigningKey, place) + rotate(EncryptionKey, place)
    secrets = [*place.stored.values(), *(v for one in place.releases for v in one.values())]
    assert not [value for value in secrets if len(value) > 10 and value in said]


def test_warnings_name_secrets_that_are_older_than_90_days() -> None:
    variables = with_created(
        {}, client=NOW - timedelta(days=91), signing=NOW - timedelta(days=89), encryption=NOW
    )
    (warning,) = warnings("prod", variables, NOW)
    assert warning.startswith("The app client's secret is 91 days old. Replace it: python -m infra")
    assert warning.endswith(" secrets rotate --stage prod --what client")
    assert warnings("prod", {}, NOW) == []


def test_status_shows_ages_and_unfinished_rotations() -> None:
    both = {**STORED, "DJANGO_SECRET_KEY_FALLBACKS": "former", "TOKEN_ENCRYPTION_KEYS": "a,b"}
    ages, unfinished = status_lines(both)
    day = "since 2026-08-20"
    assert ages == f"secrets: client {day}, signing {day}, encryption {day}"
    assert "DJANGO_SECRET_KEY_FALLBACKS, TOKEN_ENCRYPTION_KEYS" in unfinished
    assert status_lines({}) == []


@pytest.mark.parametrize(
    ("former", "names"),
    [
        ({}, []),
        ({"DJANGO_SECRET_KEY": "b", "DJANGO_SECRET_KEY_FALLBACKS": "a"}, []),
        ({"DJANGO_SECRET_KEY": "b"}, ["DJANGO_SECRET_KEY"]),
        ({"DJANGO_SECRET_KEY": "c", "DJANGO_SECRET_KEY_FALLBACKS": "a"}, ["DJANGO_SECRET_KEY"]),
        ({"TOKEN_ENCRYPTION_KEYS": "y"}, ["TOKEN_ENCRYPTION_KEYS"]),
        ({"COGNITO_CLIENT_SECRET": "other"}, ["COGNITO_CLIENT_SECRET"]),
    ],
)
def test_versions_that_do_not_accept_each_others_sessions_are_found(
    former: dict[str, str], names: list[str]
) -> None:
    live = {
        "DJANGO_SECRET_KEY": "a",
        "DJANGO_SECRET_KEY_FALLBACKS": "b",
        "TOKEN_ENCRYPTION_KEYS": "x",
        "COGNITO_CLIENT_SECRET": "secret",
    }
    assert list(differing(live | former, live)) == names
