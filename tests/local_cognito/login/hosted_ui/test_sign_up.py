"""What the local sign-up takes, as Cognito's does."""

from __future__ import annotations

import pytest

from cognito.attributes import phone_numbers
from local_cognito.login.errors import Refused
from local_cognito.login.hosted_ui.sign_up import PHONE_NUMBER, require_phone_number


def test_the_rule_for_telephone_numbers_is_the_apis() -> None:
    assert PHONE_NUMBER == phone_numbers.PATTERN


@pytest.mark.parametrize(
    "number", ["", "12", "+", "+0441632960000", "+44 1632", "+1234567890123456"]
)
def test_wrong_telephone_number_is_refused(number: str) -> None:
    with pytest.raises(Refused) as refused:
        require_phone_number(number)

    assert refused.value.code == "InvalidParameterException"


@pytest.mark.parametrize("number", [None, "+12", "+441632960000"])
def test_good_telephone_number_is_taken_and_a_pool_may_ask_for_none(number: str | None) -> None:
    require_phone_number(number)
