"""Read the environment once, at the start, and name everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from project.environment import values
from project.environment.variable import declared_variables
from project.environment.variables import Environment

ADVICE = "docs/configuration.md describes every variable; `make run` sets them all up locally."


class EnvironmentProblems(Exception):
    """Variables are missing or invalid. `problems` maps the name of each to what was expected.

    Values are never shown, because they may be secrets.
    """

    def __init__(self, problems: Mapping[str, str], advice: str = ADVICE) -> None:
        self.problems = dict(problems)
        lines = "\n".join(f"  {name}: {expected}" for name, expected in problems.items())
        title = "The environment does not configure Gatehouse:"
        super().__init__(f"{title}\n{lines}\n{advice}")


def read(environ: Mapping[str, str]) -> Environment:
    """Return the typed values of `environ`. An empty variable counts as unset, as in dotenv files.

    Raises:
        EnvironmentProblems: names every variable that is missing or invalid.
    """
    read: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, variable in declared_variables(Environment).items():
        try:
            read[name] = variable.read(environ.get(name, ""), read)
        except ValueError as error:
            read[name] = None
            problems[name] = str(error)
    problems = _contradictions(read) | problems
    if problems:
        raise EnvironmentProblems(problems)
    return Environment(**read)


def _contradictions(read: Mapping[str, Any]) -> dict[str, str]:
    problems = {}
    if read["DJANGO_DEBUG"] and read["PUBLIC_URL"] and not read["PUBLIC_URL"].is_loopback:
        # Its error pages show settings and source code to every visitor.
        problems["DJANGO_DEBUG"] = "must be false unless PUBLIC_URL is on this machine"
    region, pool = read["COGNITO_REGION"], read["COGNITO_USER_POOL_ID"]
    if region and pool and pool.rpartition("_")[0] != region:
        problems["COGNITO_USER_POOL_ID"] = f"expected {values.USER_POOL}"
    return problems
