"""That cold starts are measured where they happen, and a wrong answer is no result."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from bench import cold
from bench.cold_bundles import Unpacked

HANDLER = """
import os, sys, time
assert os.environ["AWS_LAMBDA_FUNCTION_NAME"]
assert not any("site-packages" in path for path in sys.path), sys.path
end = time.process_time() + {seconds}
while time.process_time() < end:
    pass
def handler(event, context):
    assert event["requestContext"]["identity"] and context.aws_request_id
    return {{"statusCode": {status}}}
"""


def contestant(directory: Path, name: str, *, seconds: float, status: int = 401) -> Unpacked:
    (directory / name).mkdir()
    (directory / name / "entry.py").write_text(HANDLER.format(seconds=seconds, status=status))
    return Unpacked(name, directory / name, "entry.handler")


def test_what_a_start_computes_is_in_its_time(tmp_path: Path) -> None:
    quick = contestant(tmp_path, "quick", seconds=0)
    slow = contestant(tmp_path, "slow", seconds=0.4)
    results = cold.race([slow, quick], 2)
    assert [result.name for result in results] == ["slow", "quick"]
    assert results[0].milliseconds > 400
    assert results[0].ratios[0] == results[1].ratios[1] == 1
    assert results[1].ratios[0] < 0.6
    assert "| quick | 0." in cold.table(results)


def test_a_wrong_answer_is_no_result(tmp_path: Path) -> None:
    wrong = contestant(tmp_path, "wrong", seconds=0, status=500)
    with pytest.raises(RuntimeError, match="wrong did not answer: answered"):
        cold.race([wrong], 1)


def test_sizes_add_up_by_what_is_at_the_top(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("django/one.py", "x" * 2_000_000)
        archive.writestr("django/two/three.py", "x" * 1_000_000)
        archive.writestr("api/four.py", "x" * 1_000_000)
    table = cold.sizes(bundle)
    assert "| django | 3.00 |\n| api | 1.00 |\n| all of it | 4.0 |" in table
