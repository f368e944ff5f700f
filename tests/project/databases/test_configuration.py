"""Options of connections, so that an unresponsive database is noticed in time."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from psycopg.pq import Conninfo

from project.databases.authorities import AMAZON_RDS
from project.databases.configuration import database_configuration

URL = "postgres://gatehouse:secret@db.example.com:5432/gatehouse"
# The promised time of any answer while a dependency fails.
ANSWER_SECONDS = 3


def test_connection_to_an_unreachable_database_fails_in_time() -> None:
    assert 0 < database_configuration(URL)["OPTIONS"]["connect_timeout"] < ANSWER_SECONDS


def test_connection_without_acknowledgements_fails_in_time() -> None:
    milliseconds = database_configuration(URL)["OPTIONS"]["tcp_user_timeout"]
    # Without the option the system's limit applies: a quarter of an hour.
    assert 0 < milliseconds < ANSWER_SECONDS * 1000


def test_silent_connection_is_probed_after_an_acknowledgement() -> None:
    options = database_configuration(URL)["OPTIONS"]
    probes = options["keepalives_interval"] * options["keepalives_count"]
    # The system's default is two hours.
    assert 0 < options["keepalives_idle"] + probes <= 10


def test_kept_connection_is_checked_before_use() -> None:
    configuration = database_configuration(URL)
    assert configuration["CONN_HEALTH_CHECKS"] is True
    assert configuration["CONN_MAX_AGE"] > 0


def test_every_option_is_known_to_libpq() -> None:
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    assert database_configuration(URL)["OPTIONS"].keys() <= known


@pytest.mark.parametrize("name", ["connect_timeout", "tcp_user_timeout", "keepalives_idle"])
def test_options_of_the_url_take_precedence(name: str) -> None:
    assert database_configuration(f"{URL}?{name}=7")["OPTIONS"][name] == 7


def test_sqlite_takes_its_lock_when_a_transaction_begins_and_waits_for_it() -> None:
    configuration = database_configuration("sqlite:////tmp/gatehouse.sqlite3")
    assert configuration["ENGINE"] == "project.databases.sqlite3"
    assert configuration["OPTIONS"] == {"transaction_mode": "IMMEDIATE", "timeout": 10}


@pytest.mark.parametrize(
    ("url", "authorities"),
    [
        ("postgres://u@db.abc.eu-west-1.rds.amazonaws.com/x?sslmode=verify-full", AMAZON_RDS),
        ("postgres://u@DB.abc.eu-west-1.RDS.amazonaws.com./x?sslmode=verify-ca", AMAZON_RDS),
        ("postgres://u@db.abc.rds.cn-north-1.rds.amazonaws.com.cn/x?sslmode=verify-ca", AMAZON_RDS),
        ("postgres:///x?host=db.abc.eu-west-1.rds.amazonaws.com&sslmode=verify-full", AMAZON_RDS),
        (f"{URL}?sslmode=verify-full", certifi.where()),
        (f"{URL}?sslmode=verify-full&sslrootcert=system", certifi.where()),
        (f"{URL}?sslrootcert=system", certifi.where()),
        ("postgres://u@rds.amazonaws.com.example.com/x?sslrootcert=system", certifi.where()),
        (f"{URL}?sslmode=verify-ca&sslrootcert=project/certificates/amazon-rds.pem", AMAZON_RDS),
        (f"{URL}?sslmode=require&sslrootcert={AMAZON_RDS}", AMAZON_RDS),
    ],
)
def test_verified_connection_names_its_authorities(url: str, authorities: Path | str) -> None:
    options = database_configuration(url)["OPTIONS"]
    assert options["sslrootcert"] == str(authorities)


def test_authorities_of_the_system_require_full_verification() -> None:
    options = database_configuration(f"{URL}?sslrootcert=system")["OPTIONS"]
    assert options["sslmode"] == "verify-full"


@pytest.mark.parametrize("url", [URL, f"{URL}?sslmode=require", "postgres:///x?host=/run/pg"])
def test_connection_without_verification_needs_no_authorities(url: str) -> None:
    assert "sslrootcert" not in database_configuration(url)["OPTIONS"]


# AWS gave one of them a serial number that RFC 5280 does not allow.
@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_authorities_of_amazon_rds_are_current_roots_of_every_region() -> None:
    certificates = x509.load_pem_x509_certificates(AMAZON_RDS.read_bytes())
    names = [
        str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        for certificate in certificates
    ]
    regions = {name.split()[2] for name in names if name.startswith("Amazon RDS ")}
    assert {"eu-west-1", "us-east-1", "ap-southeast-2", "il-central-1", "mx-central-1"} <= regions
    # RDS Proxy and Aurora Serverless have certificates of Amazon's public authorities.
    assert {f"Amazon Root CA {number}" for number in (1, 2, 3, 4)} <= set(names)
    assert not [name for name in names if "Beta" in name or "Preview" in name]
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=365)
    for certificate in certificates:
        assert certificate.issuer == certificate.subject
        assert certificate.not_valid_after_utc > soon
