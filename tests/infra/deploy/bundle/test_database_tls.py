"""The bundle's connection to a PostgreSQL server that offers TLS.

The unpacked bundle runs with an empty environment, because an SSL_CERT_FILE of the machine would
hide that psycopg's own OpenSSL finds no certificate authorities.
"""

from __future__ import annotations

import shutil
import ssl
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from infra.local.postgresql import postgresql
from tests.infra.deploy.bundle.tls_postgresql import tls_relay
from tests.support.certificates import Authority
from tests.support.deployment import Deployment

pytestmark = pytest.mark.ministack

RDS_HOST = "gatehouse.abcdefghijkl.eu-west-1.rds.amazonaws.com"
PUBLIC_HOST = "db.example.com"
AUTHORITIES = {RDS_HOST: "project/certificates/amazon-rds.pem", PUBLIC_HOST: "certifi/cacert.pem"}

CONNECT = """
import sys

sys.path.insert(0, ".")
from django.conf import settings

from project.databases.configuration import database_configuration

settings.configure(DATABASES={"default": database_configuration(sys.argv[1])})
from django.db import connection

with connection.cursor() as cursor:
    cursor.execute("SELECT 'answered'")
    print(cursor.fetchone()[0], connection.connection.pgconn.ssl_in_use)
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    """Run PostgreSQL, and yield its Unix socket."""
    with postgresql() as url:
        directory = parse_qs(urlsplit(url).query)["host"][0]
        yield Path(directory) / ".s.PGSQL.5432"


@pytest.fixture(scope="module")
def bundle(
    deployment: Deployment, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Unpack the bundle, and add the authority of the test to each list of authorities."""
    unpacked = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(deployment.bundle) as archive:
        archive.extractall(unpacked)
    for name in AUTHORITIES.values():
        with (unpacked / name).open("ab") as file:
            file.write(authority.bundle.read_bytes())
    shutil.copy(authority.bundle, unpacked / "project" / "certificates" / "private.pem")
    return unpacked


def connect(
    bundle: Path, host: str, parameters: str, *, context: ssl.SSLContext, server: Path
) -> subprocess.CompletedProcess[str]:
    with tls_relay(context, server) as port:
        url = f"postgresql://postgres@{host}:{port}/postgres?hostaddr=127.0.0.1&{parameters}"
        return subprocess.run(
            [sys.executable, "-I", "-S", "-c", CONNECT, url],
            cwd=bundle,
            env={},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.mark.parametrize(
    ("host", "parameters"),
    [
        (RDS_HOST, "sslmode=verify-full"),
        (RDS_HOST, "sslmode=verify-full&sslrootcert=system"),
        (PUBLIC_HOST, "sslmode=verify-full"),
        (PUBLIC_HOST, "sslmode=verify-full&sslrootcert=system"),
        (PUBLIC_HOST, "sslrootcert=system"),
        (PUBLIC_HOST, "sslmode=verify-ca"),
        (PUBLIC_HOST, "sslmode=verify-full&sslrootcert=project/certificates/private.pem"),
    ],
)
def test_bundle_connects_to_a_server_with_a_known_authority(
    bundle: Path, authority: Authority, server: Path, host: str, parameters: str
) -> None:
    context = authority.server(address=host)
    connected = connect(bundle, host, parameters, context=context, server=server)
    assert connected.stdout == "answered True\n", connected.stderr


@pytest.mark.parametrize("host", [RDS_HOST, PUBLIC_HOST])
def test_bundle_refuses_a_server_with_an_unknown_authority(
    bundle: Path, authority: Authority, server: Path, host: str
) -> None:
    context = authority.server(address=host, self_signed=True)
    connected = connect(bundle, host, "sslmode=verify-full", context=context, server=server)
    assert connected.returncode != 0
    assert "certificate verify failed" in connected.stderr


@pytest.mark.parametrize("host", [RDS_HOST, PUBLIC_HOST])
def test_bundle_refuses_the_certificate_of_another_server(
    bundle: Path, authority: Authority, server: Path, host: str
) -> None:
    context = authority.server(address=f"other.{host}")
    connected = connect(bundle, host, "sslmode=verify-full", context=context, server=server)
    assert connected.returncode != 0
    assert "does not match host name" in connected.stderr
