"""Operators cannot set a common password, which attackers try first."""

from __future__ import annotations

import pytest

from cognito.attributes.common_passwords import MESSAGE
from cognito.directory.records import DirectoryUser
from tests.accounts.console.conftest import Api
from tests.support.answers import assert_problem
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db


def test_api_refuses_a_common_temporary_password(
    api: Api, stub: PoolStub, ada: DirectoryUser
) -> None:
    refused = api.do("set-temporary-password", ada, password="password1234")

    assert assert_problem(refused, 400, "validation_failed")["errors"] == {"password": [MESSAGE]}
    assert stub.calls("AdminSetUserPassword") == []
