"""Decide requests by an IAM policy, as IAM does for the statements that our policies have.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Request:
    """What IAM decides. An action without a resource of its own has the resource `*`."""

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.action} on {self.resource} {dict(self.context)}"


def allows(policy: Mapping[str, Any], request: Request) -> bool:
    return any(_applies(statement, request) for statement in policy["Statement"])


def _applies(statement: Mapping[str, Any], request: Request) -> bool:
    assert statement["Effect"] == "Allow"
    assert statement.keys() <= {"Effect", "Action", "Resource", "Condition"}
    return (
        any(_matches(name.lower(), request.action.lower()) for name in statement["Action"])
        and any(_matches(arn, request.resource) for arn in statement["Resource"])
        and all(
            _holds(operator, key, expected, request.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, expected in keys.items()
        )
    )


def _holds(operator: str, key: str, expected: str | list[str], context: Mapping[str, str]) -> bool:
    assert operator.removesuffix("IfExists") in {"StringLike", "ArnLike"}
    if key not in context:
        return operator.endswith("IfExists")
    patterns = [expected] if isinstance(expected, str) else expected
    return any(_matches(pattern, context[key]) for pattern in patterns)


def _matches(pattern: str, text: str) -> bool:
    return bool(_compiled(pattern).fullmatch(text))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return IAM's pattern, in which `*` also matches separators."""
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped, re.DOTALL)
