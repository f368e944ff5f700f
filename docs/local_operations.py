"""Write the table of operations in docs/local-stack.md.

Run `.venvs/app/bin/python -m docs.local_operations` after a change of the operations, or of the
versions of MiniStack or botocore.
"""

from __future__ import annotations

import ast
from pathlib import Path

from infra.environments import MINISTACK
from local_cognito.aws.model.extract import service_model
from local_cognito.aws.operations import OPERATIONS

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "local-stack.md"

HEADING = "| operation | answered by |"


def main() -> None:
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")


def page(text: str) -> str:
    """Return docs/local-stack.md with the table."""
    start = text.index(HEADING)
    end = text.find("\n\n", start)
    return text[:start] + _table() + text[end:]


def operations_of_ministack() -> frozenset[str]:
    """Read the names in MiniStack's source, because its environment is another one."""
    [source] = MINISTACK.directory.glob("lib/python3*/site-packages/ministack/services/cognito.py")
    [dispatch] = [
        node
        for node in ast.parse(source.read_text("utf-8")).body
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "_dispatch_idp"
    ]
    [handlers] = [node for node in ast.walk(dispatch) if isinstance(node, ast.Dict)]
    return frozenset(str(key.value) for key in handlers.keys if isinstance(key, ast.Constant))


def _table() -> str:
    ministack = operations_of_ministack()
    rows = (
        f"| `{name}` | {_answered_by(name, has_ministack=name in ministack)} |"
        for name in sorted(service_model()["operations"])
    )
    return "\n".join([HEADING, "|---|---|", *rows])


def _answered_by(name: str, *, has_ministack: bool) -> str:
    operation = OPERATIONS.get(name)
    if operation is None:
        return "MiniStack" if has_ministack else "neither"
    if operation.only_if:
        return f"MiniStack; `local_cognito`: {operation.requests}"
    return "`local_cognito`"


if __name__ == "__main__":
    main()
