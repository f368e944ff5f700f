"""The service model that requests and answers are checked against."""

from __future__ import annotations

import json

import pytest

from local_cognito.aws import model
from local_cognito.aws.model.extract import extract, service_model
from local_cognito.aws.model.validation import _compiled, check_answer
from local_cognito.aws.operations import OPERATIONS
from local_cognito.aws.service_errors import ServiceError

WRITE = "Run `.venvs/app/bin/python -m local_cognito.aws.model`, which writes this file."


def test_file_has_what_botocore_says() -> None:
    assert json.loads(model.FILE.read_text("utf-8")) == extract(OPERATIONS), WRITE


def test_every_pattern_is_understood() -> None:
    for shape in service_model()["shapes"].values():
        if "pattern" in shape:
            _compiled(shape["pattern"])


@pytest.mark.parametrize(
    "answer", [{"Group": {"GroupName": 3}}, {"Group": {}, "Extra": 1}, {"Group": None, "B": {}}, []]
)
def test_answer_that_breaks_the_service_model_is_noticed(answer: object) -> None:
    with pytest.raises(ServiceError):
        check_answer("UpdateGroup", answer)
