"""The audit stream on PostgreSQL: nothing is lost, whatever is killed or slow."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from infra.deploy.stage.target import Target
from infra.environments import APP, ROOT
from infra.local import django
from infra.local.local_deployment import local_target
from infra.local.ministack import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, MiniStack
from infra.local.postgresql import postgresql
from tests.support.environment import VARIABLES

BUS = "audit"
KILLS = 50


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An application with a database of its own. Its bus is in the local AWS."""
    with postgresql() as url:
        variables = {
            **VARIABLES,
            "DJANGO_DEBUG": "true",
            "DATABASE_URL": url,
            "AUDIT_EVENT_BUS": BUS,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_DEFAULT_REGION": REGION,
        }
        django.migrate(variables, log=tmp_path_factory.mktemp("stream") / "migrate.log")
        yield variables


def queue_behind_the_bus(target: Target) -> str:
    """Create the bus, and a queue that gets each of its events. Return the queue's URL."""
    events, sqs = target.client("events"), target.client("sqs")
    events.create_event_bus(Name=BUS)
    url: str = sqs.create_queue(QueueName=BUS)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    pattern = json.dumps({"detail-type": ["audit.v1"]})
    events.put_rule(Name="all", EventBusName=BUS, EventPattern=pattern)
    target_of_rule = {"Id": "queue", "Arn": arn["QueueArn"]}
    events.put_targets(Rule="all", EventBusName=BUS, Targets=[target_of_rule])
    return url


def received(target: Target, url: str) -> list[dict[str, Any]]:
    sqs, found = target.client("sqs"), []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"])["detail"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


@pytest.mark.ministack
def test_events_arrive_although_50_processes_are_killed(
    environment: dict[str, str], empty_ministack: MiniStack, tmp_path: Path
) -> None:
    target = local_target(empty_ministack, login_url="http://localhost:9")
    url = queue_behind_the_bus(target)
    variables = environment | {
        "AWS_ENDPOINT_URL": empty_ministack.endpoint_url,
        "DJANGO_SETTINGS_MODULE": "project.settings",
    }
    done = subprocess.run(
        [APP.python, "-m", "tests.races.killed_deliveries", str(KILLS)],
        cwd=ROOT,
        env=django.process_environment(variables) | {"DJANGO_SETTINGS_MODULE": "project.settings"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split()[-1] == str(KILLS)
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        rows = {row[0] for row in connection.execute("SELECT id FROM accounts_auditevent")}
    assert len(rows) >= KILLS
    found = received(target, url)
    assert {one["sequence"] for one in found} == rows, "each row arrives, and nothing else"
    assert {one["detail"] for one in found} == {"committed"}
    # An event that was sent twice has one id.
    assert len({one["id"] for one in found}) == len(rows)


INSERT = """
INSERT INTO accounts_auditevent (action, outcome, detail, actor_sub, actor_label, subject_sub,
    subject_label, user_agent, request_id)
VALUES ('sign_in', 'success', '', '', '', '', '', '', '') RETURNING id
"""
LAST_FINAL_ROW = (
    "from accounts.audit.stream.delivery import _last_final_row; print(_last_final_row())"
)


def last_final_row(environment: dict[str, str]) -> int:
    printed = subprocess.run(
        [APP.python, "manage.py", "shell", "-v", "0", "--command", LAST_FINAL_ROW],
        cwd=ROOT,
        env=django.process_environment(environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return int(printed.stdout.split()[-1])


def test_row_of_a_slow_transaction_is_not_passed_over(environment: dict[str, str]) -> None:
    """A transaction that got its number first can be committed last."""
    url = environment["DATABASE_URL"]
    with psycopg.connect(url) as slow, psycopg.connect(url) as fast:
        first = slow.execute(INSERT).fetchone()
        second = fast.execute(INSERT).fetchone()
        assert first
        assert second
        assert first[0] < second[0]
        fast.commit()
        assert last_final_row(environment) == 0, "the slow transaction holds the delivery up"
        timer = threading.Timer(0.1, slow.commit)
        timer.start()
        timer.join()
        assert last_final_row(environment) == second[0]
