"""Forms and API have one rule for telephone numbers."""

from __future__ import annotations

import pytest

from accounts.console.directory.forms import InvitationForm
from api.me.profile import ProfileChangeSerializer
from api.operators.serializers import InvitationSerializer
from cognito.attributes.phone_numbers import MESSAGE


@pytest.mark.parametrize(
    ("number", "is_good"),
    [("+12", True), ("+441632960000", True), ("+0123456", False), ("12", False)],
)
def test_forms_and_api_accept_the_same_telephone_numbers(number: str, *, is_good: bool) -> None:
    person = {"email": "a@example.com", "phone_number": number}
    for one in (
        InvitationForm(person),
        InvitationSerializer(data=person),
        ProfileChangeSerializer(data={"phone_number": number}),
    ):
        assert one.is_valid() is is_good
        assert is_good or one.errors["phone_number"] == [MESSAGE]
