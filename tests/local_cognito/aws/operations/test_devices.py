from __future__ import annotations

import pytest

from tests.local_cognito.aws.operations.conftest import TestPool

pytestmark = pytest.mark.ministack

KEY = "us-east-1_00000000-0000-4000-8000-000000000000"


def test_pool_that_remembers_no_devices_says_so(pool: TestPool) -> None:
    email, cognito = pool.new_user(), pool.cognito
    with pytest.raises(cognito.exceptions.InvalidUserPoolConfigurationException):
        cognito.admin_list_devices(UserPoolId=pool.user_pool_id, Username=email)
    with pytest.raises(cognito.exceptions.InvalidUserPoolConfigurationException):
        cognito.admin_forget_device(UserPoolId=pool.user_pool_id, Username=email, DeviceKey=KEY)
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        cognito.admin_list_devices(UserPoolId=pool.user_pool_id, Username="unknown")


def test_user_has_no_device_in_a_pool_that_remembers_devices(pool: TestPool) -> None:
    cognito = pool.cognito
    remembering = cognito.create_user_pool(
        PoolName="devices", DeviceConfiguration={"ChallengeRequiredOnNewDevice": True}
    )["UserPool"]["Id"]
    try:
        cognito.admin_create_user(UserPoolId=remembering, Username="ada")
        listed = cognito.admin_list_devices(UserPoolId=remembering, Username="ada")
        assert listed["Devices"] == []
        with pytest.raises(cognito.exceptions.ResourceNotFoundException):
            cognito.admin_forget_device(UserPoolId=remembering, Username="ada", DeviceKey=KEY)
    finally:
        cognito.delete_user_pool(UserPoolId=remembering)
