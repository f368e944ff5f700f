"""After an interruption at any call, the next run completes the deployment or its destruction.

The bundle has one file, so that a run takes milliseconds. The templates, Zappa and the local AWS
are real. tests/infra/deploy/test_deployment.py uses the real bundle.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.deploy.deployment import deploy, destroy
from infra.local.inventory import everything
from infra.local.local_deployment import local_target
from infra.local.ministack import MiniStack
from tests.infra.deploy.interruptions import (
    Interruptions,
    counts,
    hurry,
    settled,
    small_bundle,
)

pytestmark = pytest.mark.ministack


def test_next_run_completes_after_every_interruption(
    empty_ministack: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch, tmp_path)
    target = local_target(empty_ministack, login_url="http://localhost:9")
    bundle = small_bundle(tmp_path)
    nothing = everything(target)

    def run() -> None:
        deploy(target, tmp_path, database_url="postgres://x/y", bundle=bundle)

    run()
    whole = counts(everything(target))

    interruptions = Interruptions(monkeypatch)
    assert interruptions.sweep(lambda: destroy(target), lambda: settled(target)) > 15
    assert everything(target) == nothing

    assert interruptions.sweep(run, lambda: settled(target)) > 40
    assert counts(everything(target)) == whole
    # The interrupted runs left nothing behind.
    assert destroy(target) == []
    assert everything(target) == nothing
