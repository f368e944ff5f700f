from __future__ import annotations

from typing import Any

import pytest

from tests.local_cognito.aws.operations.conftest import TestPool

pytestmark = pytest.mark.ministack


def test_group_is_what_the_request_says(pool: TestPool) -> None:
    names: Any = {"UserPoolId": pool.user_pool_id, "GroupName": "editors"}
    pool.cognito.create_group(**names, Description="May edit", Precedence=4)
    answer = pool.cognito.update_group(**names, Description="May publish")["Group"]
    stored = pool.cognito.get_group(**names)["Group"]
    for group in (answer, stored):
        assert group["Description"] == "May publish"
        assert "Precedence" not in group, "Cognito removes what a request leaves out"
    assert stored["LastModifiedDate"] > stored["CreationDate"]


def test_unknown_group_is_refused(pool: TestPool) -> None:
    with pytest.raises(pool.cognito.exceptions.ResourceNotFoundException):
        pool.cognito.update_group(UserPoolId=pool.user_pool_id, GroupName="absent")
