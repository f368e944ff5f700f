"""The options of `make deploy-local`. Standard library only.

They are settings of infra/stages.toml. `cognito_logs` is not among them, because the logs of user
pools are missing in the local AWS.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from infra.deploy.bundle.packages import HERE
from infra.deploy.stage.stage import RUNTIMES_WITH_SNAPSHOTS, Check, Stage

ALL = "all"

# The value of each option that is named without one. `domain` stands for `public_url`.
OPTIONS: Mapping[str, Any] = {
    "authorizer": "user-pool",
    "domain": "gatehouse.localhost",
    "alarms": "operators@example.com",
    "audit_stream": "archive",
    "session_tracking": True,
    "snap_start": True,
}
_WORDS = {"true": True, "false": False}
# Browsers resolve every name under localhost to this machine (RFC 6761, section 6.3).
_DOMAIN = Check(
    lambda value: bool(re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.localhost", str(value))),
    "a name such as gatehouse.localhost",
)
_CHECKS: Mapping[str, Check] = {
    "domain": _DOMAIN,
    **{one.name: one.metadata["check"] for one in fields(Stage) if one.name in OPTIONS},
}


def every_option(runtime: str = HERE.name) -> dict[str, Any]:
    """Return all options that a stage with this runtime can have."""
    without = () if runtime in RUNTIMES_WITH_SNAPSHOTS else ("snap_start",)
    return {name: value for name, value in OPTIONS.items() if name not in without}


def parse_options(text: str) -> dict[str, Any]:
    """Return options from `alarms,audit_stream=bus`, or from `all`.

    Raises:
        ArgumentTypeError: there is no such option, or its value is invalid.
    """
    found: dict[str, Any] = {}
    for part in text.split(","):
        name, given, value = part.strip().partition("=")
        if part.strip() == ALL:
            found |= every_option()
            continue
        if name not in OPTIONS:
            raise argparse.ArgumentTypeError(
                f"{name!r} is not an option: there are {', '.join([ALL, *OPTIONS])}"
            )
        found[name] = _WORDS.get(value, value) if given else OPTIONS[name]
        if not _CHECKS[name].is_valid(found[name]):
            raise argparse.ArgumentTypeError(f"{name}={value}: expected {_CHECKS[name].expected}")
    return found
