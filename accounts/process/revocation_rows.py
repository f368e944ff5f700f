"""The columns of a revocation that a process keeps, in little memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import BigIntegerField, Func

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler


class WholeSeconds(Func):
    """A time in whole seconds, rounded down. Creating half a million datetimes would take 6 s."""

    output_field = BigIntegerField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> Any:
        template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint"
        return self.as_sql(compiler, connection, template=template)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        # Remove the fraction, which strftime would round.
        template = "CAST(strftime('%%%%s', substr(%(expressions)s, 1, 19)) AS INT)"
        return self.as_sql(compiler, connection, template=template)


# Round up, so that no revocation ends too early.
EXPIRES: Final = WholeSeconds("expires_at") + 1


# Two times in whole seconds, each in one half of an integer. A tuple would take twice the memory.
_HALF = 40


def packed(until: int, expires: int) -> int:
    return until << _HALF | expires


def until_of(row: int) -> int:
    return row >> _HALF


def expires_of(row: int) -> int:
    return row & (1 << _HALF) - 1
