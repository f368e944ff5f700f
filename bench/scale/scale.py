"""Show how renewals, rows and memory grow with the number of users: docs/scaling.md."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bench import revocations
from bench.scale import formulas, renewals, table_rows
from bench.scale.formulas import SIZES, Load, Prices
from bench.scale.renewals import Outcome
from bench.scale.table_rows import Measured

# Sessions in units of what Cognito can renew, and the length of a simulation. The quota is small,
# because only the ratio of both decides what happens.
QUOTA = 3
RATIOS = (0.5, 0.9, 1.5, 2.0, 3.0)
SECONDS = 2_700
LISTS = (10_000, 100_000, 500_000)
# A stage that Cognito can serve signs nearly no session out, a row of the list is small, and the
# clean-up of a million users a day takes less time than the runs of a day have.
SIGNED_OUT_BUDGET = 0.005
BYTES_BUDGET = 300.0
DELETED_BUDGET = 600.0


@dataclass(frozen=True)
class Result:
    """What was simulated and measured.

    Attributes:
        steady: outcomes by the ratio of sessions to what Cognito can renew.
        together: the outcome if all sessions are due at once, at a ratio of 0.5.
        outage: the outcome of ten minutes without Cognito, at a ratio of 0.5.
        lists: how a new process reads the revocation list, by its length.
    """

    steady: dict[float, Outcome]
    together: Outcome
    outage: Outcome
    tables: Measured
    lists: dict[int, revocations.Result]

    @property
    def bytes_of_a_revocation(self) -> float:
        rows, result = max(self.lists.items())
        return result.megabytes * 1e6 / rows

    @property
    def is_within_budget(self) -> bool:
        served = [one for ratio, one in self.steady.items() if ratio < 1]
        return (
            all(
                one.signed_out <= SIGNED_OUT_BUDGET * one.sessions
                for one in (*served, self.together, self.outage)
            )
            and self.bytes_of_a_revocation <= BYTES_BUDGET
            and self.tables.deleted_a_second >= DELETED_BUDGET
        )


def measure(
    *,
    ratios: tuple[float, ...] = RATIOS,
    seconds: int = SECONDS,
    rows: int = table_rows.ROWS,
    lists: tuple[int, ...] = LISTS,
) -> Result:
    """Simulate and measure. Django must be set up, with an empty PostgreSQL."""
    from django.core.management import call_command  # noqa: PLC0415 - as the docstring says

    from accounts.models import Revocation  # noqa: PLC0415 - as above

    call_command("migrate", verbosity=0)
    # The lists come first, because the memory of a process never shrinks: each list takes the
    # memory of the former one, and more.
    read, megabytes = {}, 0.0
    for length in lists:
        found = revocations.measure(length)
        megabytes += found.megabytes
        read[length] = replace(found, megabytes=megabytes)
    Revocation.objects.all().delete()
    tables = table_rows.measure(rows)
    half = _sessions(0.5)
    return Result(
        {
            ratio: renewals.simulate(_sessions(ratio), quota=QUOTA, seconds=seconds)
            for ratio in ratios
        },
        renewals.simulate(half, quota=QUOTA, seconds=seconds, together=True),
        renewals.simulate(half, quota=QUOTA, seconds=seconds, outage=(300, 900)),
        tables,
        read,
    )


def arithmetic() -> str:
    """Return the tables that need no measurement."""
    return formulas.load_table(Load(users) for users in SIZES)


def text(result: Result) -> str:
    """Return the results as Markdown."""
    return "\n\n".join(
        [
            "Made by `python -m bench scale`. Rows and bytes hold across machines; times do not.",
            renewals_table(result),
            table_rows.table((Load(users) for users in SIZES), result.tables.bytes_of_a_row),
            f"`clear_expired` deleted {result.tables.deleted_a_second:,.0f} rows a second.",
            lists_table(result),
            money(result),
        ]
    )


def renewals_table(result: Result) -> str:
    head = [
        *("sessions, of what Cognito can renew", "a session renews every"),
        *("calls for each renewal", "busiest second, of the quota", "signed out"),
    ]
    lines = [f"| {' | '.join(head)} |", "|---|--:|--:|--:|--:|"]
    outcomes = {f"{ratio:.1f}": one for ratio, one in result.steady.items()}
    outcomes["0.5, all due at the same moment"] = result.together
    outcomes["0.5, after ten minutes without Cognito"] = result.outage
    for name, one in outcomes.items():
        calls = one.calls.total() / max(one.renewed.total(), 1)
        lines.append(
            f"| {name} | {one.mean_age:.0f} s | {calls:.1f} | {one.busiest_second / QUOTA:.1f} "
            f"| {one.signed_out / one.sessions:.1%} |"
        )
    return "\n".join(lines)


def lists_table(result: Result) -> str:
    lines = [
        "| revocations in force | memory of a process | a new process has them after |",
        "|--:|--:|--:|",
    ]
    lines += [
        f"| {length:,} | {one.megabytes:.0f} MB | {one.loading:.1f} s |"
        for length, one in result.lists.items()
    ]
    return "\n".join(lines)


def money(result: Result) -> str:
    costs = {}
    for users in SIZES:
        load = Load(users)
        stored = table_rows.gigabytes(load, result.tables.bytes_of_a_row)
        costs[users] = formulas.money(load, Prices(), stored_gigabytes=stored)
        costs[users]["GB in the database"] = stored
    return formulas.money_table(costs)


def _sessions(ratio: float) -> int:
    from django.conf import settings  # noqa: PLC0415 - Django must be set up

    seconds: int = settings.COGNITO_RENEW_SECONDS
    return round(ratio * QUOTA * seconds)
