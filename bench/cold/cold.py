"""Measure the cold starts of the bundle, and compare them with those of two other bundles."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import report
from bench.cold import bundles, starts
from bench.cold.events import access_token, event, variables
from bench.cold.starts import Contestant
from infra.local.postgresql import postgresql

STOCK = "a stock Zappa bundle of it"
OURS = "Gatehouse"
BARE = "bare Django, packed as well"


@dataclass(frozen=True)
class Report:
    """The results as Markdown in `text`."""

    text: str
    is_within_budget: bool


def measure(rounds: int) -> Report:
    """Build all bundles, unpack them, and start each `rounds` times."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as name, postgresql() as url:
        directory = Path(name)
        ours, bundle = bundles.build_ours(directory)
        stock, packed = bundles.build_stock(directory)
        environment = variables(database_url=url)
        migrating = Contestant("the migration", ours, {"manage": "migrate --no-input"}, 200)
        starts.start(migrating, environment)
        token = f"Bearer {access_token()}"
        contestants = [
            Contestant(STOCK, stock),
            Contestant(OURS, ours),
            Contestant(BARE, bundles.build_bare(directory)),
            # These two requests load modules that a request without a token does not need.
            Contestant(
                f"{OURS}, asked with a token", ours, event("/api/v1/me", Authorization=token), 200
            ),
            Contestant(f"{OURS}, asked to sign in", ours, event("/accounts/login/"), 302),
        ]
        results = starts.race(contestants, rounds, variables=environment)
        ratios = {result.name: result.ratios for result in results}[OURS]
        text = "\n\n".join(
            [
                report.conditions("python -m bench cold"),
                starts.table(results, stock=STOCK, bare=BARE),
                f"The stock bundle has {packed.stat().st_size / 1e6:.1f} MB zipped.",
                starts.sizes(bundle.path),
            ]
        )
        return Report(
            text,
            bundle.size <= starts.MAXIMUM_BYTES
            and ratios[STOCK] <= starts.TO_STOCK
            and ratios[BARE] <= starts.TO_BARE,
        )
