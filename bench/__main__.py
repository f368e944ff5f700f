"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
PEERS = ("authlib", "django_cognito_jwt", "joserfc", "jwt", "rest_framework_simplejwt")


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for; 1 if a budget is exceeded."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(required=True)
    tokens = commands.add_parser("tokens", help="verifying tokens, and protecting a view")
    tokens.add_argument("--rounds", type=int, default=150, help="turns of each contestant")
    tokens.add_argument("--batch", type=int, default=20, help="tokens in a turn")
    tokens.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.name}")
    options = parser.parse_args(arguments)
    if missing := [name for name in PEERS if find_spec(name) is None]:
        parser.error(f"{', '.join(missing)}: install requirements/bench.txt first")
    return run_tokens(options.rounds, options.batch, write=options.write)


def run_tokens(rounds: int, batch: int, *, write: bool) -> int:
    """Both races. `write` puts their tables into docs/performance.md."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    # Django and what it loads read the settings, which must be chosen by then.
    import django  # noqa: PLC0415

    django.setup()
    from bench import report, tokens  # noqa: PLC0415

    verification = tokens.verification(rounds, batch)
    requests = tokens.requests(rounds, batch)
    text = "\n\n".join(
        [
            report.conditions("python -m bench tokens"),
            report.table("verifying a token", verification),
            report.table("a request", requests),
        ]
    )
    print(text)
    if write:
        report.replace_section(PAGE, "bench tokens", text)
    return 0 if all(result.is_within_budget for result in verification + requests) else 1


if __name__ == "__main__":
    sys.exit(main())
