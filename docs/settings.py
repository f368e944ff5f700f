"""Write the tables of docs/configuration.md, and .env.example, from the declared variables.

Run `.venvs/app/bin/python -m docs.settings` after a change of project/environment/variables.py.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from pathlib import Path

from project.environment.values import WholeNumber
from project.environment.variable import Variable, declared_variables
from project.environment.variables import Environment

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "configuration.md"
EXAMPLE = ROOT / ".env.example"

INTRODUCTION = """\
# The application with a user pool of your own. Copy this file to .env and fill it in. Then run
# `python manage.py runserver`. `make run` does not need it: it starts a local AWS and sets every
# variable itself. docs/configuration.md says more about each variable. Empty means the default.
# `python -m docs.settings` writes this file.
"""


def main() -> None:
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
    EXAMPLE.write_text(example(), "utf-8")


def page(text: str) -> str:
    """Return docs/configuration.md with the table below each heading of a section."""
    for title, variables in _sections().items():
        start = text.index("| variable |", text.index(f"## {title}\n"))
        text = text[:start] + _table(variables) + text[text.index("\n\n", start) :]
    return text


def example() -> str:
    """Return .env.example."""
    parts = [INTRODUCTION]
    for title, variables in _sections().items():
        parts += [f"\n# --- {title} ---\n\n", *(_assignment(*each) for each in variables.items())]
    return "".join(parts)


def _sections() -> dict[str, dict[str, Variable]]:
    sections: dict[str, dict[str, Variable]] = {"The application": {}, "The user pool": {}}
    for name, variable in declared_variables(Environment).items():
        is_of_pool = name.startswith(("COGNITO_", "AWS_"))
        sections["The user pool" if is_of_pool else "The application"][name] = variable
    return sections


def _capabilities() -> dict[str, str]:
    """Return the capability of each variable that a product can leave out with it."""
    declared = re.findall(
        r"# begin capability (\S+)\n(.*?)# end capability",
        inspect.getsource(Environment),
        re.DOTALL,
    )
    return {
        name: capability
        for capability, text in declared
        for name in re.findall(r"^    ([A-Z_]+):", text, re.MULTILINE)
    }


def _table(variables: dict[str, Variable]) -> str:
    rows = ["| variable | meaning | default |", "|---|---|---|"]
    for name, variable in variables.items():
        meaning, parse = variable.meaning, variable.parse
        if isinstance(parse, WholeNumber):
            meaning += f" {parse.low} to {parse.high}."
        row = f"| `{name}` | {meaning} | {_default(variable)} |"
        capability = CAPABILITIES.get(name)
        rows.append(f"{row} <!-- only with {capability} -->" if capability else row)
    return "\n".join(rows)


def _default(variable: Variable) -> str:
    if variable.default is None:
        return "required"
    if isinstance(variable.default, str) and variable.default:
        return f"`{variable.default}`{variable.default_words}"
    return variable.default_words or "none"


def _assignment(name: str, variable: Variable) -> str:
    first_sentence = re.split(r"(?<=\.)\s", variable.meaning)[0]
    comment = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", first_sentence)
    value = variable.default if isinstance(variable.default, str) else ""
    if not value:
        default = _default(variable)
        is_required = default.startswith("required")
        comment += f" {f'R{default[1:]}' if is_required else f'Default: {default}'}."
    text = textwrap.fill(comment.replace("`", "").replace("\\|", "|"), 98)
    lines = textwrap.indent(text, "# ") + f"\n{name}={variable.example or value}\n"
    if capability := CAPABILITIES.get(name):
        return f"# begin capability {capability}\n{lines}# end capability {capability}\n"
    return lines


CAPABILITIES = _capabilities()


if __name__ == "__main__":
    main()
