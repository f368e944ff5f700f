"""Where servers of the tests have their collected static files: outside the checkout."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

VARIABLE = "TESTS_STATIC_ROOT"


def variables(directory: Path) -> Mapping[str, str]:
    """What to add to a server's environment, and to that of `collectstatic`."""
    return {"DJANGO_SETTINGS_MODULE": "tests.support.collected_settings", VARIABLE: str(directory)}
