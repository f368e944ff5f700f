"""Operators cannot set a common password, which attackers try first."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

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


@pytest.mark.usefixtures("root")
def test_admin_refuses_a_common_temporary_password(
    client: Client, stub: PoolStub, ada: DirectoryUser
) -> None:
    page = reverse("admin:accounts_directory_action", args=[ada.sub, "set-temporary-password"])
    refused = client.post(page, {"argument": "password1234"})

    assert refused.status_code == 200
    assert MESSAGE in refused.content.decode()
    assert stub.calls("AdminSetUserPassword") == []
