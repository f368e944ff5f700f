from __future__ import annotations

import sys
from pathlib import Path

import pytest

from infra import progress
from infra.errors import ChildDied
from infra.progress import Step, run_step


def test_step_shows_its_start_and_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    with Step("Baking"):
        assert capsys.readouterr().err == "Baking ...\n"
    assert capsys.readouterr().err == "Baking ... done in 0.0 s\n"


def test_failed_step_does_not_say_done(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="burnt"), Step("Baking"):
        raise ValueError("burnt")
    assert "done" not in capsys.readouterr().err


def test_long_step_shows_that_it_continues(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LOG_SECONDS", 0.1)
    program = "import time; time.sleep(0.7)"
    run_step("Baking", [sys.executable, "-c", program], name="The oven", log=tmp_path / "oven.log")
    lines = capsys.readouterr().err.splitlines()
    assert lines.count("Baking ... 0 s") >= 2
    assert lines[-1].startswith("Baking ... done in ")


def test_failed_step_shows_the_end_of_its_output(tmp_path: Path) -> None:
    program = "print('too hot'); raise SystemExit(1)"
    with pytest.raises(ChildDied, match=r"The oven failed(?s:.)+too hot"):
        run_step(
            "Baking", [sys.executable, "-c", program], name="The oven", log=tmp_path / "oven.log"
        )


def test_second_command_runs_when_the_first_one_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failing, log = [sys.executable, "-c", "raise SystemExit(1)"], tmp_path / "oven.log"
    run_step("Baking", failing, otherwise=[sys.executable, "-c", ""], name="The oven", log=log)
    assert capsys.readouterr().err.startswith("Baking ...\nBaking ... done in ")
