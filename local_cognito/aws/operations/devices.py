"""Remembered devices, of which no user has one here: MiniStack confirms no device.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminListDevices.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminForgetDevice.html
"""

from __future__ import annotations

from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.service_errors import NotFound, ServiceError


def admin_list_devices(request: Request, context: Context) -> Answer:
    _require_tracking(request, context)
    return {"Devices": []}


def admin_forget_device(request: Request, context: Context) -> Answer:
    _require_tracking(request, context)
    raise NotFound("Device does not exist.")


def _require_tracking(request: Request, context: Context) -> None:
    """Refuse a pool that does not remember devices, or a user that does not exist."""
    pool = context.pools.pool(request["UserPoolId"])
    context.pools.user(pool, request["Username"])
    if not pool.get("DeviceConfiguration"):
        message = "The user pool does not remember devices."
        raise ServiceError("InvalidUserPoolConfigurationException", message)
