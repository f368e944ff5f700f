"""No endpoint stores a secret in the database."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core import serializers

from tests.api.auth.conftest import Api
from tests.support.answers import body_of
from tests.support.caller import SHORTEST_SECRET
from tests.support.pool_stub import PoolStub, challenge

pytestmark = pytest.mark.django_db


def test_no_password_code_or_token_is_stored(api: Api, stub: PoolStub) -> None:
    code = "98765432109876"
    api.secrets.append(code)
    for path in ("sign-up", "sign-in", "refresh", "sign-out", "forgot-password"):
        api.send(path)
    for path in ("confirm", "reset-password"):
        api.send(path, code=code)
    stub.answer_once("InitiateAuth", challenge("SMS_MFA"))
    session = body_of(api.send("sign-in"))["session"]
    api.send("challenge", challenge="SMS_MFA", session=session, answers={"code": code})
    for operation in ("InitiateAuth", "ConfirmSignUp", "ConfirmForgotPassword"):
        stub.refuse(operation, "NotAuthorizedException", f"{code} is wrong")
    for path in ("sign-in", "confirm", "reset-password"):
        api.send(path)
    rows = [
        row
        for model in apps.get_models()
        if model._meta.managed
        for row in model._default_manager.all()
    ]
    kept = serializers.serialize("json", rows)
    assert "sign_in" in kept
    secrets = [one for one in api.secrets if len(one) >= SHORTEST_SECRET]
    assert len(secrets) > 5
    assert not [one for one in secrets if one in kept]
