"""The table of operations in docs/local-stack.md."""

from __future__ import annotations

from docs.local_operations import PAGE, operations_of_ministack, page
from local_cognito.aws.operations import OPERATIONS

WRITE = "Run `.venvs/app/bin/python -m docs.local_operations`, which writes this table."


def test_table_says_who_answers_each_operation() -> None:
    text = PAGE.read_text("utf-8")
    assert text == page(text), WRITE


def test_operation_that_ministack_has_gained_is_deleted_here() -> None:
    ours = {name for name, operation in OPERATIONS.items() if operation.only_if is None}
    gained = ours & operations_of_ministack()
    assert not gained, f"MiniStack answers {', '.join(sorted(gained))}: delete ours."


def test_operation_that_ministack_answers_in_part_exists_there() -> None:
    partial = {name for name, operation in OPERATIONS.items() if operation.only_if is not None}
    assert partial <= operations_of_ministack()
