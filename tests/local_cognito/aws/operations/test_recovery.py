"""Point-in-time recovery of a pool in the local Cognito."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cognito.aws.recovery.history import MAXIMUM_USERS, MAXIMUM_VERSIONS, History, restored
from tests.local_cognito.aws.operations.conftest import PASSWORD, TestPool

MINUTES = 60
DAY = 24 * 60 * MINUTES


def at(seconds_from_now: float) -> datetime:
    return datetime.fromtimestamp(int(time.time() + seconds_from_now), UTC)


def refused(call: Callable[..., Any], **request: Any) -> str:
    """Return the code of the error that refuses a request."""
    with pytest.raises(ClientError) as error:
        call(**request)
    return str(error.value.response["Error"]["Code"])


def members(pool: TestPool, group: str) -> list[str]:
    users = pool.cognito.list_users_in_group(UserPoolId=pool.user_pool_id, GroupName=group)["Users"]
    found = [{one["Name"]: one["Value"] for one in user["Attributes"]} for user in users]
    return [attributes["email"] for attributes in found]


@pytest.mark.ministack
def test_users_groups_and_factors_are_as_they_were(pool: TestPool) -> None:
    cognito, this = pool.cognito, {"UserPoolId": pool.user_pool_id}
    kept, deleted = pool.new_user(), pool.new_user()
    subs = {email: pool.attributes(email)["sub"] for email in (kept, deleted)}
    cognito.create_group(**this, GroupName="staff")
    cognito.admin_add_user_to_group(**this, GroupName="staff", Username=kept)
    assert pool.signs_in(deleted)
    with pool.later(60 * MINUTES):
        moment = at(30 * MINUTES)
        cognito.admin_delete_user(**this, Username=deleted)
        cognito.admin_remove_user_from_group(**this, GroupName="staff", Username=kept)
        cognito.admin_disable_user(**this, Username=kept)
        cognito.admin_enable_user(**this, Username=kept)
        pool.sets_up_totp(kept)
        cognito.admin_set_user_password(
            **this, Username=kept, Password="Another-demo-2", Permanent=True
        )
        new = pool.new_user()
    with pool.later(61 * MINUTES):
        started = cognito.initiate_point_in_time_recovery(**this, RestoreTimestamp=moment)
        recovery = {**this, "RestoreId": started["Restoration"]["RestoreId"]}
        assert started["Restoration"]["RestoreStatus"] == "PREVIEW_GENERATING"
        assert started["Restoration"]["RestoreTimestamp"] == moment

        assert refused(cognito.admin_disable_user, **this, Username=kept) == (
            "OperationNotEnabledException"
        )
        assert refused(
            cognito.sign_up, ClientId=pool.client_id, Username="x@example.com", Password=PASSWORD
        ) == ("OperationNotEnabledException")
        assert pool.signs_in(new), "sign-ins go on"
        assert refused(
            cognito.initiate_point_in_time_recovery, **this, RestoreTimestamp=moment
        ) == ("ConcurrentModificationException")

        cognito.describe_point_in_time_recovery(**recovery)
        shown = cognito.describe_point_in_time_recovery(**recovery)["Restoration"]
        assert shown["RestoreStatus"] == "PREVIEW_GENERATED"
        counts = {
            one["Entity"]: (one["CreateCount"], one["UpdateCount"], one["DeleteCount"])
            for one in shown["RestorePreview"]
        }
        assert counts == {
            "Users": (1, 0, 1),
            "Groups": (0, 1, 0),
            "User MFAs": (0, 0, 1),
            "Passkeys": (0, 0, 0),
        }
        assert cognito.start_point_in_time_recovery(**recovery)["Restoration"]["RestoreStatus"] == (
            "RESTORING"
        )
        assert refused(cognito.cancel_point_in_time_recovery, **recovery)
        cognito.describe_point_in_time_recovery(**recovery)
        done = cognito.describe_point_in_time_recovery(**recovery)["Restoration"]
        assert done["RestoreStatus"] == "RESTORE_COMPLETED"
        [listed] = cognito.list_point_in_time_recoveries(**this)["Restorations"]
        assert listed.keys() == {"RestoreId", "RestoreStatus", "RestoreTimestamp"}
        # One recovery a day.
        assert refused(
            cognito.initiate_point_in_time_recovery, **this, RestoreTimestamp=moment
        ) == ("LimitExceededException")

    assert {email: pool.attributes(email)["sub"] for email in subs} == subs
    assert refused(cognito.admin_get_user, **this, Username=new) == "UserNotFoundException"
    assert members(pool, "staff") == [kept]
    assert pool.signs_in(deleted)
    assert pool.signs_in(kept, "Another-demo-2"), "a password changed since then stays"
    assert pool.new_user()


@pytest.fixture
def empty_pool(pool: TestPool) -> dict[str, str]:
    made = pool.cognito.create_user_pool(PoolName="another")["UserPool"]
    return {"UserPoolId": made["Id"]}


@pytest.mark.ministack
def test_cancelled_recovery_changes_nothing(pool: TestPool, empty_pool: dict[str, str]) -> None:
    cognito = pool.cognito
    with pool.later(60 * MINUTES):
        started = cognito.initiate_point_in_time_recovery(
            **empty_pool, RestoreTimestamp=at(30 * MINUTES)
        )
        recovery = {**empty_pool, "RestoreId": started["Restoration"]["RestoreId"]}
        refusal = refused(cognito.create_group, **empty_pool, GroupName="staff")
        assert refusal == "OperationNotEnabledException"
        # A preview that is not ready yet cannot be applied.
        assert refused(cognito.start_point_in_time_recovery, **recovery)
        cancelled = cognito.cancel_point_in_time_recovery(**recovery)["Restoration"]
        assert cancelled["RestoreStatus"] == "PREVIEW_CANCELLED"
        assert cognito.create_group(**empty_pool, GroupName="staff")


@pytest.mark.ministack
def test_forgotten_preview_expires(pool: TestPool, empty_pool: dict[str, str]) -> None:
    cognito = pool.cognito
    with pool.later(60 * MINUTES):
        started = cognito.initiate_point_in_time_recovery(
            **empty_pool, RestoreTimestamp=at(30 * MINUTES)
        )
    recovery = {**empty_pool, "RestoreId": started["Restoration"]["RestoreId"]}
    with pool.later(26 * 60 * MINUTES):
        assert cognito.create_group(**empty_pool, GroupName="staff")
        shown = cognito.describe_point_in_time_recovery(**recovery)["Restoration"]
        assert shown["RestoreStatus"] == "PREVIEW_EXPIRED"


@pytest.mark.ministack
def test_time_that_cannot_be_recovered_is_refused(
    pool: TestPool, empty_pool: dict[str, str]
) -> None:
    initiate = pool.cognito.initiate_point_in_time_recovery
    assert refused(initiate, **empty_pool, RestoreTimestamp=at(-14 * MINUTES)) == (
        "InvalidParameterException"
    )
    with pool.later(30 * DAY):
        for seconds in (28 * DAY, 30 * DAY - 14 * MINUTES):
            assert refused(initiate, **empty_pool, RestoreTimestamp=at(seconds)) == (
                "InvalidParameterException"
            )
    before = refused(initiate, **empty_pool, RestoreTimestamp=at(-60 * MINUTES))
    assert before == "InvalidParameterException", "before its creation"
    lite = pool.cognito.create_user_pool(PoolName="lite", UserPoolTier="LITE")["UserPool"]["Id"]
    refusal = refused(initiate, UserPoolId=lite, RestoreTimestamp=at(-20 * MINUTES))
    assert refusal == "FeatureUnavailableInTierException"


def a_pool(*names: str) -> dict[str, Any]:
    users = {name: {"Username": name, "Attributes": [], "_password": "x"} for name in names}
    return {"Id": "eu-west-1_x", "_users": users, "_groups": {}}


def test_burst_of_changes_makes_one_version_and_old_ones_are_dropped() -> None:
    history, pool = History(), a_pool("ann")
    history.note_change(100.0)
    history.keep([pool], 100.5)
    assert history.version(pool, 200.0) is None, "the burst may go on"
    history.keep([pool], 101.5)
    assert history.version(pool, 99.0) is None
    assert history.version(pool, 100.0)

    for number in range(MAXIMUM_VERSIONS + 5):
        pool["_users"][str(number)] = {"Username": str(number)}
        history.note_change(200.0 + number)
        history.keep([pool], 201.0 + number)
    assert history.version(pool, 204.0) is None
    oldest = history.version(pool, 205.0)
    assert oldest is not None
    assert oldest.users.keys() == {"ann", *map(str, range(6))}


def test_large_pool_has_no_versions() -> None:
    history, pool = History(), a_pool("ann")
    history.note_change(100.0)
    history.keep([pool], 101.0)
    pool["_users"] |= {str(number): {} for number in range(MAXIMUM_USERS)}
    history.note_change(102.0)
    history.keep([pool], 103.0)
    assert history.version(pool, 200.0) is None


def test_passkeys_are_restored_and_sign_ins_stay() -> None:
    history, pool = History(), a_pool("ann")
    ann = pool["_users"]["ann"]
    ann["_local_cognito"] = {"passkeys": [{"credential_id": "a"}], "sign_ins": {"1": {}}}
    history.note_change(100.0)
    history.keep([pool], 101.0)
    ann["_local_cognito"] = {"passkeys": [{"credential_id": "b"}], "sign_ins": {"2": {}}}
    version = history.version(pool, 101.0)
    assert version is not None
    users, _ = restored(pool, version)
    assert users["ann"]["_local_cognito"] == {
        "passkeys": [{"credential_id": "a"}],
        "sign_ins": {"2": {}},
    }
