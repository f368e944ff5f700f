"""How old the secrets of a stage are, and which versions can still be used with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from infra.deploy.function.stored_secrets import (
    CLIENT_SECRET,
    CREATED,
    ENCRYPTION_KEYS,
    FORMER_SIGNING_KEYS,
    KINDS,
    SIGNING_KEY,
    created,
    split,
)

# The front page of the console warns at the same age.
OLD = timedelta(days=90)
_TITLES = {
    "client": "the app client's secret",
    "signing": "Django's secret key",
    "encryption": "the encryption key of stored tokens",
}


def warnings(stage: str, variables: Mapping[str, str], now: datetime | None = None) -> list[str]:
    """Return a line for each secret that should be replaced.

    Args:
        variables: of the version that answers requests.
    """
    moment = now or datetime.now(UTC)
    return [
        f"{_TITLES[kind][0].upper()}{_TITLES[kind][1:]} is {(moment - since).days} days old. "
        f"Replace it: python -m infra secrets rotate --stage {stage} --what {kind}"
        for kind, since in created(variables).items()
        if kind in _TITLES and moment - since > OLD
    ]


def status_lines(variables: Mapping[str, str]) -> list[str]:
    """Return the age of each secret, and whether a former one is accepted."""
    if CREATED not in variables:
        return []
    known = created(variables)
    dates = ", ".join(f"{kind} since {known[kind]:%Y-%m-%d}" for kind in KINDS if kind in known)
    lines = [f"secrets: {dates}"]
    both = []
    if variables.get(FORMER_SIGNING_KEYS):
        both.append(FORMER_SIGNING_KEYS)
    if len(split(variables.get(ENCRYPTION_KEYS, ""))) > 1:
        both.append(ENCRYPTION_KEYS)
    if both:
        lines.append(f"two values are accepted: {', '.join(both)}; `secrets rotate` ends that")
    return lines


def differing(former: Mapping[str, str], live: Mapping[str, str]) -> Iterator[str]:
    """Yield the names of secrets with which two versions do not accept each other's sessions."""
    if not _accept_each_other(
        [former.get(SIGNING_KEY, ""), *split(former.get(FORMER_SIGNING_KEYS, ""))],
        [live.get(SIGNING_KEY, ""), *split(live.get(FORMER_SIGNING_KEYS, ""))],
    ):
        yield SIGNING_KEY
    if not _accept_each_other(
        split(former.get(ENCRYPTION_KEYS, "")), split(live.get(ENCRYPTION_KEYS, ""))
    ):
        yield ENCRYPTION_KEYS
    if former.get(CLIENT_SECRET) != live.get(CLIENT_SECRET):
        yield CLIENT_SECRET


def _accept_each_other(one: list[str], other: list[str]) -> bool:
    """Return whether the first of each list is in the other one."""
    return one[:1] == other[:1] or (one[0] in other and other[0] in one if one and other else False)
