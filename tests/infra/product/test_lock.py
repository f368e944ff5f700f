from __future__ import annotations

from pathlib import Path

import pytest

from infra.errors import InfraError
from infra.product import lock
from infra.product.lock import Lock

COMMIT = "0123456789abcdef0123456789abcdef01234567"
EXAMPLE = Lock(
    "Upstream",
    'C:\\a "quoted" path/é\x7f\n',
    "0.2.0",
    COMMIT,
    {"name": "Acme Portal", "package": "acme", "without": ("bench", "notes"), "prefix": ""},
)


def test_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / lock.FILE).write_text(EXAMPLE.text(), "utf-8")
    assert lock.read(tmp_path) == EXAMPLE


def test_project_without_the_file_cannot_be_updated(tmp_path: Path) -> None:
    with pytest.raises(InfraError, match=r"^There is no upstream\.toml in /"):
        lock.read(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "Upstream"', "<<<<<<< HEAD"),
        ('version = "0.2.0"', "version = 2"),
        ('version = "0.2.0"\n', ""),
        (COMMIT, "main"),
        (f'"{COMMIT}"', '"--upload-pack=x"'),
        ('["bench", "notes"]', "[1]"),
        ('["bench", "notes"]', '["--name"]'),
        ("[answers]", "[other]"),
    ],
)
def test_damaged_file_is_refused(old: str, new: str) -> None:
    assert old in EXAMPLE.text()
    with pytest.raises(InfraError, match=r"^upstream\.toml is malformed"):
        lock.parse(EXAMPLE.text().replace(old, new))
