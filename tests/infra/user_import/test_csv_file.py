"""The file of an import job has AWS's form, which is not that of other CSV files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.user_import.csv_file import Columns, line_of, obstacle, parts
from infra.user_import.people import Person

HEADER = (
    *("name", "birthdate", "email", "email_verified", "phone_number_verified"),
    *("custom:former_id", "cognito:mfa_enabled", "cognito:username", "cognito:password_hash"),
)
COLUMNS = Columns.of(HEADER, id_attribute="former_id", hash_column=None)
ARGON2 = "argon2$argon2id$v=19$m=64,t=1,p=1$YQ$YQ"


def person(**attributes: str) -> Person:
    known = {"email": "Ann@Example.com", "email_verified": "true", **attributes}
    return Person("7", "import", attributes=known, algorithm="ARGON2ID", hash=ARGON2)


def test_comma_has_a_backslash_and_value_has_no_quotation_marks() -> None:
    ann = person(name="Doe,  Ann\n(née é)", birthdate="1985-02-01")
    assert line_of(ann, COLUMNS, "standard").decode() == (
        "Doe\\, Ann (née é),02/01/1985,ann@example.com,TRUE,FALSE,7,FALSE,ann@example.com,"
        "$argon2id$v=19$m=64\\,t=1\\,p=1$YQ$YQ\n"
    )


def test_columns_have_the_order_of_the_pool() -> None:
    turned = Columns.of(HEADER[::-1], id_attribute="former_id", hash_column=None)
    assert line_of(person(), turned, "django").decode() == (
        "argon2$argon2id$v=19$m=64\\,t=1\\,p=1$YQ$YQ,ann@example.com,FALSE,7,FALSE,TRUE,"
        "ann@example.com,,\n"
    )
    [part] = parts([person()], turned, "django")
    assert part.content.splitlines()[0].decode() == ",".join(HEADER[::-1])


@pytest.mark.parametrize(
    "name",
    ["\\", "a\\,FALSE,,8", '"', 'Ann "Andy" Doe', "Ann\\"],
    ids=["backslash", "columns", "mark", "marks", "end"],
)
def test_value_that_could_change_other_columns_is_left_to_the_sign_in(name: str) -> None:
    assert "no quotation mark, backslash" in obstacle(person(name=name), COLUMNS, "standard")


def test_line_break_in_an_id_does_not_begin_another_line() -> None:
    other = replace(person(), id="auth0|7\nx")
    assert "line break" in obstacle(other, COLUMNS, "standard")


def test_line_that_is_too_long_is_left_to_the_sign_in() -> None:
    assert "longer than Cognito takes" in obstacle(person(name="n" * 16_000), COLUMNS, "standard")
    assert not obstacle(person(name="n" * 15_000), COLUMNS, "standard")


def test_formula_is_a_value_as_any_other() -> None:
    line = line_of(person(name="=1+1"), COLUMNS, "standard").decode()
    assert line.startswith("=1+1,"), "Cognito gets the name as it is"
