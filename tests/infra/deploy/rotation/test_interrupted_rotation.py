"""A rotation that is interrupted at any of its AWS calls continues, and no step signs users out.

The bundle has one file, so that a release takes milliseconds. The local AWS is real.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.aws.aws_errors import explained
from infra.deploy.deployment import deploy
from infra.deploy.function.function import ALIAS, deployed_function, environment_of
from infra.deploy.function.stored_secrets import (
    CLIENT_SECRET,
    ENCRYPTION_KEYS,
    FORMER_SIGNING_KEYS,
    SIGNING_KEY,
    created,
)
from infra.deploy.release import smoke
from infra.deploy.rotation import place
from infra.deploy.rotation.ages import differing
from infra.deploy.rotation.kinds import ROTATIONS
from infra.deploy.rotation.place import DeployedPlace
from infra.deploy.rotation.rotation import Options
from infra.deploy.stage.target import Target
from infra.local.local_deployment import local_target
from infra.local.ministack import MiniStack
from tests.infra.deploy.interruptions import Interruptions, hurry, settled, small_bundle

pytestmark = pytest.mark.ministack

DATABASE_URL = "postgres://x/y"
NAMES = {"client": CLIENT_SECRET, "signing": SIGNING_KEY, "encryption": ENCRYPTION_KEYS}


@pytest.fixture
def target(
    empty_ministack: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Target]:
    """A deployed stage. MiniStack itself serves the token endpoint."""
    hurry(monkeypatch, tmp_path)
    monkeypatch.setattr(smoke, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(place, "IN_FLIGHT_SECONDS", 0)
    stage = local_target(empty_ministack, login_url=empty_ministack.endpoint_url)
    yield stage
    assert (
        deploy(stage, tmp_path, database_url=None, bundle=small_bundle(tmp_path)).changes == []
    ), "a deployment after a rotation changes nothing"


def live(target: Target) -> dict[str, str]:
    return environment_of(deployed_function(target).configuration(ALIAS) or {})


def rotate(target: Target, kind: str, said: list[str], **options: bool) -> bool:
    with explained("The rotation"):
        return ROTATIONS[kind](
            DeployedPlace(target),
            Options(say=said.append, confirm=lambda _: True, **options),
        ).run()


@pytest.mark.parametrize("kind", sorted(ROTATIONS))
def test_rotation_continues_after_every_interruption(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    deploy(target, tmp_path, database_url=DATABASE_URL, bundle=small_bundle(tmp_path))
    first = former = live(target)
    interruptions = Interruptions(monkeypatch)

    def settle() -> None:
        """Compare the live version with the former one: both may have answered requests."""
        nonlocal former
        settled(target)
        present = live(target)
        assert set(differing(former, present)) <= {CLIENT_SECRET}
        assert DeployedPlace(target).client_secrets.accepts(present[CLIENT_SECRET])
        former = present

    number = interruptions.sweep(
        lambda: rotate(target, kind, [], skips_grace=True, again=True), settle
    )
    assert number > 10
    settle()
    # Whatever was interrupted, one more run ends the rotation.
    while not rotate(target, kind, [], skips_grace=True):
        settle()
    assert live(target)[NAMES[kind]] != first[NAMES[kind]]
    assert created(live(target)).keys() == set(NAMES)
    assert FORMER_SIGNING_KEYS not in live(target)
    assert "," not in live(target)[ENCRYPTION_KEYS]
    assert len(DeployedPlace(target).client_secrets.dates()) == 1
    unchanged = NAMES.keys() - {kind}
    assert all(live(target)[NAMES[one]] == first[NAMES[one]] for one in unchanged)
