"""`infra` and the application normalise addresses in the same way."""

from __future__ import annotations

from functools import partial

import pytest

import cognito.attributes.usernames
import infra.usernames
import local_cognito.usernames
from tests.support.clock import least_seconds

COPIES = (
    cognito.attributes.usernames.normalised,
    infra.usernames.normalised,
    local_cognito.usernames.normalised,
)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Ann.1@Example.COM", "ann.1@example.com"),
        ("  ann@example.com\n", "ann@example.com"),
        ("\uff41nn@example.com", "ann@example.com"),
        ("Jose\u0301@example.com", "jos\u00e9@example.com"),
        ("JOS\u00c9@EXAMPLE.com", "jos\u00e9@example.com"),
        ("\u0130@example.com", "i\u0307@example.com"),
        ("AzureAD_Ann", "azuread_ann"),
        ("", ""),
        ("A" * 129, "A" * 129),
    ],
)
def test_address_is_normalised_in_the_same_way_everywhere(typed: str, normal: str) -> None:
    for normalised in COPIES:
        assert normalised(typed) == normal
        assert normalised(normal) == normal


def test_too_long_address_is_not_processed() -> None:
    long = "a" + "\u0344" * 15_900 + "\u0316" * 15_900 + "@example.com"
    for normalised in COPIES:
        assert least_seconds(partial(normalised, long), enough=0.5) < 0.5
