from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from bench.cold import starts
from bench.cold.bundles import Unpacked
from bench.cold.events import KEY, access_token, event, variables
from bench.cold.starts import Contestant
from cognito.wire import base64url

HANDLER = """
import os, sys, time
assert os.environ["AWS_LAMBDA_FUNCTION_NAME"]
assert not any("site-packages" in path for path in sys.path), sys.path
end = time.process_time() + {seconds}
while time.process_time() < end:
    pass
class Slow:
    def __del__(self):
        end = time.process_time() + {seconds_at_exit}
        while time.process_time() < end:
            pass
deleted_at_exit = Slow()
def handler(event, context):
    assert event["requestContext"]["identity"] and context.aws_request_id
    return {{"statusCode": {status}}}
"""
VARIABLES = variables(database_url="postgres://unknown@127.0.0.1:9/none")


def contestant(
    directory: Path, name: str, *, seconds: float, seconds_at_exit: float = 0, status: int = 401
) -> Contestant:
    (directory / name).mkdir()
    source = HANDLER.format(seconds=seconds, seconds_at_exit=seconds_at_exit, status=status)
    (directory / name / "entry.py").write_text(source)
    return Contestant(name, Unpacked(directory / name, "entry.handler"))


def test_cold_start_time_includes_the_import_and_excludes_the_exit(tmp_path: Path) -> None:
    quick = contestant(tmp_path, "quick", seconds=0)
    slow = contestant(tmp_path, "slow", seconds=0.4, seconds_at_exit=50)
    results = starts.race([slow, quick], 2, variables=VARIABLES)
    assert [result.name for result in results] == ["slow", "quick"]
    assert 400 < results[0].milliseconds < 30_000
    assert results[0].ratios["slow"] == results[1].ratios["quick"] == 1
    assert results[1].ratios["slow"] < 0.8
    table = starts.table(results, stock="slow", bare="quick")
    assert "| quick | 0." in table
    assert "| slow | 1.00 | " in table


def test_contestant_with_an_unexpected_status_fails_the_benchmark(tmp_path: Path) -> None:
    wrong = contestant(tmp_path, "wrong", seconds=0, status=500)
    with pytest.raises(RuntimeError, match="wrong failed: answered"):
        starts.race([wrong], 1, variables=VARIABLES)


def test_contestant_receives_its_own_event(tmp_path: Path) -> None:
    (tmp_path / "entry.py").write_text(
        "def handler(event, context):\n"
        "    asked = event['path'], event['multiValueHeaders']['Authorization']\n"
        "    return {'statusCode': 200 if asked == ('/x', ['Bearer y']) else 500}\n"
    )
    asked = Contestant(
        "asked", Unpacked(tmp_path, "entry.handler"), event("/x", Authorization="Bearer y"), 200
    )
    assert starts.start(asked, VARIABLES) > 0


def test_access_token_is_signed_with_the_configured_key() -> None:
    header, claims = (
        json.loads(base64url.decode(part)) for part in access_token().encode().split(b".")[:2]
    )
    assert header["kid"] == KEY.kid
    assert [key["kid"] for key in json.loads(VARIABLES["COGNITO_JWKS"])["keys"]] == [KEY.kid]
    assert claims["iss"].endswith(f"/{VARIABLES['COGNITO_USER_POOL_ID']}")


def test_sizes_are_summed_by_top_level_entry(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("django/one.py", "x" * 2_000_000)
        archive.writestr("django/two/three.py", "x" * 1_000_000)
        archive.writestr("api/four.py", "x" * 1_000_000)
    table = starts.sizes(bundle)
    assert "| django | 3.00 |\n| api | 1.00 |\n| total | 4.0 |" in table
