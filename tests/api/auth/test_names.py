"""Every field for a name refuses names that look like those of other users."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.console.directory.forms import GroupForm, InvitationForm
from api.auth.serializers import ChallengeAnswers
from api.me.profile import ProfileChangeSerializer
from api.operators.serializers import DirectoryGroupSerializer, InvitationSerializer
from tests.api.auth.conftest import Api
from tests.support.answers import assert_problem
from tests.support.pool_stub import PoolStub

DECEPTIVE = [
    "Ann \u202egpj",
    "Ann\u200b",
    "Ann\u200dn",
    "\u2066Ann\u2069",
    "Ann\U000e0041",
    "A\u00adnn",
    "\u3164",
    "\u3000",
    "victim@example.com",
    "victim\uff20example.com",
]


@pytest.mark.parametrize("name", DECEPTIVE)
def test_deceptive_name_is_refused_at_the_sign_up(api: Api, stub: PoolStub, name: str) -> None:
    problem = assert_problem(api.send("sign-up", name=name), 400, "validation_failed")

    assert list(problem["errors"]) == ["name"]
    assert stub.received == []


@pytest.mark.parametrize("name", DECEPTIVE)
def test_every_field_for_a_name_refuses_deceptive_ones(name: str) -> None:
    sent: list[Any] = [
        ProfileChangeSerializer(data={"name": name}),
        ChallengeAnswers(data={"name": name}),
        InvitationSerializer(data={"email": "a@example.com", "name": name}),  # only with console
    ]
    # begin capability console
    if name.strip():
        sent.append(InvitationForm({"email": "a@example.com", "name": name}))
    # end capability console
    for one in sent:
        assert not one.is_valid()
        assert list(one.errors) == ["name"]


# begin capability console
@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\u200d", "\ufeff", "\U000e0041"])
def test_groups_and_addresses_with_invisible_characters_are_refused(hidden: str) -> None:
    group = {"name": f"a{hidden}b", "description": f"a{hidden}b"}
    for one in (DirectoryGroupSerializer(data=group), GroupForm(group)):
        assert not one.is_valid()
        assert sorted(one.errors) == ["description", "name"]
    for address in (f"a{hidden}@example.com", f"a@exam{hidden}ple.com"):
        invitation = InvitationSerializer(data={"email": address})
        assert not invitation.is_valid()
        assert list(invitation.errors) == ["email"]


# end capability console


@pytest.mark.parametrize(
    "name",
    [
        "\u00c6thelstan O'Brien",
        "\u738b \u5c0f\u660e",
        "\U0001f469\u200d\U0001f680 Ann",
        "Ann \u2764\ufe0f",
        "A",
    ],
)
def test_ordinary_name_is_accepted(name: str) -> None:
    sent: list[Any] = [ProfileChangeSerializer(data={"name": name})]
    sent.append(InvitationForm({"email": "a@example.com", "name": name}))  # only with console
    for one in sent:
        assert one.is_valid(), one.errors
