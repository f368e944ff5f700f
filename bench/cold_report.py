"""Run the cold-start benchmark and report its results."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import cold, cold_bundles, report
from bench.cold import Contestant
from bench.cold_events import access_token, event, variables
from infra.local.postgresql import postgresql

STOCK = "a stock Zappa bundle of it"
OURS = "Gatehouse"
BARE = "bare Django, packed as well"


@dataclass(frozen=True)
class ColdReport:
    """The results as Markdown in `text`."""

    text: str
    is_within_budget: bool


def cold_report(rounds: int) -> ColdReport:
    """Build all bundles, unpack them, and start each `rounds` times."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as name, postgresql() as url:
        directory = Path(name)
        ours, bundle = cold_bundles.ours(directory)
        stock, packed = cold_bundles.stock(directory)
        environment = variables(database_url=url)
        migrating = Contestant("the migration", ours, {"manage": "migrate --no-input"}, 200)
        cold.start(migrating, environment)
        token = f"Bearer {access_token()}"
        contestants = [
            Contestant(STOCK, stock),
            Contestant(OURS, ours),
            Contestant(BARE, cold_bundles.bare(directory)),
            # These two requests load modules that a request without a token does not need.
            Contestant(
                f"{OURS}, asked with a token", ours, event("/api/v1/me", Authorization=token), 200
            ),
            Contestant(f"{OURS}, asked to sign in", ours, event("/accounts/login/"), 302),
        ]
        results = cold.race(contestants, rounds, variables=environment)
        ratios = {result.name: result.ratios for result in results}[OURS]
        text = "\n\n".join(
            [
                report.conditions("python -m bench cold"),
                cold.table(results, stock=STOCK, bare=BARE),
                f"The stock bundle has {packed.stat().st_size / 1e6:.1f} MB zipped.",
                cold.sizes(bundle.path),
            ]
        )
        return ColdReport(
            text,
            bundle.size <= cold.MAXIMUM_BYTES
            and ratios[STOCK] <= cold.TO_STOCK
            and ratios[BARE] <= cold.TO_BARE,
        )
