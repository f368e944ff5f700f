"""docs/api-accounts.md lists the paths, codes and limits of the code."""

from __future__ import annotations

import re
from pathlib import Path

from rest_framework.exceptions import APIException

from accounts.rate_limits import limits
from api import throttles
from api.auth import refusals
from api.auth.urls import urlpatterns
from api.notes import views as notes
from cognito.errors import ClientRefused, MalformedAnswer

FILE = Path(__file__).parents[3] / "docs" / "api-accounts.md"
PAGE = FILE.read_text("utf-8")


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_path_is_in_the_table() -> None:
    listed = re.findall(r"^\| \[`(auth/[\w-]+)`\]\(#", PAGE, re.MULTILINE)
    assert listed == [f"auth/{one.pattern}" for one in urlpatterns]


def test_every_code_is_documented() -> None:
    ours = {
        str(kind.default_code)
        for kind in vars(refusals).values()
        if isinstance(kind, type)
        and issubclass(kind, APIException)
        and kind.__module__ == refusals.__name__
        and kind is not refusals.Unauthorized
    }
    documented = set(re.findall(r"^\| \d+ \| `(\w+)` \|", section("Errors"), re.MULTILINE))
    assert documented == ours | {MalformedAnswer.code, ClientRefused.code}


def test_documented_limits_are_those_of_the_code() -> None:
    text = section("Limits")
    for name, throttle in [
        ("`sign-in`", throttles.SIGN_IN),
        ("`challenge`", throttles.CHALLENGE),
        ("`confirm`", throttles.CODE),
        ("wrong codes of a sign-in without", throttles.FIRST_FACTOR_CODE),
        ("refused passkeys", throttles.PASSKEY),
        ("| `sign-up`", throttles.SIGN_UP),
        ("`resend-code`", throttles.MAIL),
    ]:
        row = next(line for line in text.splitlines() if name in line and line.startswith("|"))
        for limit in (throttle.per_account, throttle.per_address):
            assert written(limit.attempts, limit.seconds) in row
    first = throttles.FIRST_STEPS
    assert f"without a password | none | {written(first.attempts, first.seconds)} |" in text
    refresh = throttles.REFRESH
    assert f"| `refresh` | none | {written(refresh.attempts, refresh.seconds)} |" in text
    unknown = throttles.UNKNOWN_SIGN_OUTS
    assert f"after {written(unknown.attempts, unknown.seconds)[:6]}" in text


def test_documented_limits_of_accounts_are_those_of_the_code() -> None:
    text = FILE.with_name("security.md").read_text("utf-8")
    for limit, words in [
        (limits.SIGN_INS, "together | {} a day |"),
        (limits.CHANGES, "changes through `me/*` | {} a day |"),
        (limits.CALLS, "pool through `me/*` | {} in 5 minutes |"),
        (notes.WRITES, "writes of notes | {} in 5 minutes, and "),  # only with notes
        (limits.OPERATOR_ACTIONS, "what an operator does | {} an hour |"),  # only with console
        (limits.RECORDED_SIGN_OUTS, "{} sign-outs everywhere"),
    ]:
        assert words.format(f"{limit.attempts:,}") in text
    assert f"{notes.MAX_NOTES:,} notes in all" in text  # only with notes


def written(attempts: int, seconds: int) -> str:
    return f"{attempts} an hour" if seconds == 3600 else f"{attempts} in {seconds // 60} minutes"
