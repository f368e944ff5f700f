"""Secrets are replaced while browser sessions renew: the bench with fewer sessions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from bench import __main__ as command_line
from bench.rotate import renewal_cost, rotate
from bench.rotate.fleet import Fleet
from bench.rotate.renewal_cost import Cost
from bench.rotate.rotate import Result
from bench.rotate.sessions import Crowd
from infra.deploy.rotation.kinds import ROTATIONS

COST = Cost({"the application": 30.0, "PostgreSQL": 10.0}, 12.3, 2)
RESULT = Result("client", 200, 20.0, 2000, 1, [], Counter({"503": 2}))
# Each session sends two requests a second while processes start, so more of them would only use
# more of the processor. `make bench` has 200.
SESSIONS = 8


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Crowd, Fleet]]:
    with rotate.crowd(SESSIONS, threads=4, processes=1) as running:
        running[1].overlap_seconds = 1
        yield running


@pytest.mark.ministack
@pytest.mark.parametrize("kind", sorted(ROTATIONS))
def test_no_session_is_signed_out_while_a_secret_is_replaced(
    running: tuple[Crowd, Fleet], kind: str
) -> None:
    result = rotate.rotate(kind, *running)
    # On a busy machine, some requests run into their deadline (503), which ends no session.
    assert result.signed_out == []
    assert result.renewals >= 3 * SESSIONS


@pytest.mark.ministack
def test_cost_of_a_renewal_counts_all_processes(running: tuple[Crowd, Fleet]) -> None:
    cost = renewal_cost.measure(*running, seconds=2)
    assert min(cost.milliseconds.values()) > 0
    assert cost.a_second > 0


@pytest.mark.ministack
def test_sessions_notice_a_key_that_is_replaced_in_one_step(
    running: tuple[Crowd, Fleet],
) -> None:
    """Without this, the tests above could not fail."""
    crowd, fleet = running
    stored = fleet.read()
    changed = {**stored, "DJANGO_SECRET_KEY": "another" * 10}
    fleet.write(changed)
    fleet.release({**fleet.live(), "DJANGO_SECRET_KEY": changed["DJANGO_SECRET_KEY"]})
    crowd.wait_for_all()
    assert sum(bool(session.signed_out) for session in crowd.sessions) == SESSIONS


def test_table_shows_renewals_and_sign_outs() -> None:
    row = rotate.table([RESULT]).splitlines()[2]
    assert row == "| client | 200 | 2,000 | 100.0 | 2.0 s | 1 | 2 | 0 |"


def test_sentence_shows_the_cost_of_a_renewal_and_what_it_allows() -> None:
    assert renewal_cost.sentence(COST) == (
        "One renewal takes 40 ms of processor time (the application 30 ms, PostgreSQL 10 ms). So 2 "
        "processors that do nothing else can make 50 a second; 12 were reached."
    )


@pytest.mark.parametrize(("signed_out", "status"), [([], 0), (["302 /accounts/login/"], 1)])
def test_benchmark_fails_if_a_session_is_signed_out(
    monkeypatch: pytest.MonkeyPatch, signed_out: list[str], status: int
) -> None:
    result = Result("client", 1, 1.0, 1, 1, signed_out, Counter())
    monkeypatch.setattr(rotate, "measure", lambda _, **__: (COST, [result]))
    assert command_line.main(["rotate"]) == status
