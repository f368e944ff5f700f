"""What connections are made with, so that a database that went silent is found out in time."""

from __future__ import annotations

import pytest
from psycopg.pq import Conninfo

from project.database import database_configuration

URL = "postgres://gatehouse:secret@db.example.com:5432/gatehouse"
# Promised of any answer while a dependency fails.
ANSWER_SECONDS = 3


def test_a_database_that_cannot_be_reached_is_given_up_in_time() -> None:
    assert 0 < database_configuration(URL)["OPTIONS"]["connect_timeout"] < ANSWER_SECONDS


def test_what_a_silent_database_does_not_acknowledge_is_given_up_in_time() -> None:
    milliseconds = database_configuration(URL)["OPTIONS"]["tcp_user_timeout"]
    # None at all would be the system's: a quarter of an hour.
    assert 0 < milliseconds < ANSWER_SECONDS * 1000


def test_a_silence_after_an_acknowledgement_is_probed() -> None:
    options = database_configuration(URL)["OPTIONS"]
    probes = options["keepalives_interval"] * options["keepalives_count"]
    # The system's own would be two hours.
    assert 0 < options["keepalives_idle"] + probes <= 10


def test_a_kept_connection_is_tried_before_it_is_used() -> None:
    configuration = database_configuration(URL)
    assert configuration["CONN_HEALTH_CHECKS"] is True
    assert configuration["CONN_MAX_AGE"] > 0


def test_every_option_is_one_of_libpqs() -> None:
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    assert database_configuration(URL)["OPTIONS"].keys() <= known


@pytest.mark.parametrize("name", ["connect_timeout", "tcp_user_timeout", "keepalives_idle"])
def test_the_url_has_the_last_word(name: str) -> None:
    assert database_configuration(f"{URL}?{name}=7")["OPTIONS"][name] == 7


def test_sqlite_takes_its_lock_when_a_transaction_begins_and_waits_for_it() -> None:
    configuration = database_configuration("sqlite:////tmp/gatehouse.sqlite3")
    assert configuration["OPTIONS"] == {"transaction_mode": "IMMEDIATE", "timeout": 10}
