from __future__ import annotations

import pytest

from bench import __main__ as command_line
from bench import metrics
from bench.race import Results


@pytest.mark.parametrize(("microseconds", "status"), [(105.0, 0), (105.1, 1)])
def test_metrics_benchmark_fails_over_its_budget(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    microseconds: float,
    status: int,
) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "of the run")
    times = {
        metrics.SILENT_OFF: [100.0],
        metrics.SILENT_ON: [microseconds],
        metrics.REFUSED_OFF: [200.0],
        metrics.REFUSED_ON: [200.0],
    }
    monkeypatch.setattr(metrics, "measure", lambda *_: Results(times))
    assert command_line.main(["metrics"]) == status
    assert metrics.SILENT_ON in capsys.readouterr().out
