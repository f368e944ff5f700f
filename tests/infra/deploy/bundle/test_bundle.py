"""The content of the bundle."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from infra.deploy.bundle.packages import NOT_IN_THE_BUNDLE, requirements
from infra.deploy.bundle.sources import SOURCES
from infra.deploy.function.stored_secrets import CREATED
from infra.deploy.stage.zappa_settings import SETTINGS
from infra.environments import APP, ROOT
from tests.support.deployment import Deployment

pytestmark = pytest.mark.ministack

MAXIMUM_BYTES = 17_000_000
UNCHECKED_HASH = b"\x01\x00\x00\x00"  # PEP 552


@pytest.fixture(scope="module")
def archive(deployment: Deployment) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(deployment.bundle) as archive:
        yield archive


def is_ours(name: str) -> bool:
    return name.partition("/")[0] in SOURCES


def bytecode_of(module: str) -> str:
    path = PurePosixPath(module)
    return str(path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc")


def test_bundle_is_small(deployment: Deployment) -> None:
    assert deployment.bundle.stat().st_size <= MAXIMUM_BYTES


def test_every_module_of_ours_has_source_and_bytecode_that_stays_valid(
    archive: zipfile.ZipFile,
) -> None:
    modules = [name for name in archive.namelist() if name.endswith(".py") and is_ours(name)]
    assert len(modules) > 250
    for module in modules:
        source = archive.read(module)
        if not source.strip():
            # Zappa adds an empty `__init__.py` to directories without code.
            continue
        bytecode = archive.read(bytecode_of(module))
        assert bytecode[:4] == importlib.util.MAGIC_NUMBER, module
        assert bytecode[4:8] == UNCHECKED_HASH, module
        assert bytecode[8:16] == importlib.util.source_hash(source), module


def test_modules_of_packages_are_bytecode_without_source(archive: zipfile.ZipFile) -> None:
    theirs = [name for name in archive.namelist() if not is_ours(name)]
    modules = [name for name in theirs if name.endswith(".pyc")]
    assert len(modules) > 500
    for module in modules:
        assert "__pycache__" not in module
        assert archive.read(module)[:8] == importlib.util.MAGIC_NUMBER + UNCHECKED_HASH, module
    sources = [name for name in theirs if name.endswith(".py")]
    assert not [name for name in sources if archive.read(name).strip()]


def test_all_bytecode_of_ours_belongs_to_a_module(archive: zipfile.ZipFile) -> None:
    names = {name for name in archive.namelist() if is_ours(name)}
    compiled = {bytecode_of(name) for name in names if name.endswith(".py")}
    assert {name for name in names if name.endswith(".pyc")} <= compiled


def test_bundle_contains_only_what_the_application_runs(archive: zipfile.ZipFile) -> None:
    top = {name.partition("/")[0] for name in archive.namelist()}
    assert {"accounts", "api", "cognito", "project", "static-collected", "django"} <= top
    unwanted = {"tests", "bench", "docs", "infra", "boto3", "botocore", "zappa", "pip", "werkzeug"}
    unwanted |= {"handler.py", "zappa_settings.py", "zappa_settings.json", "manage.py", ".env"}
    assert not unwanted & top
    parts = {part for name in archive.namelist() for part in name.split("/")}
    assert not {"tests", "testing", ".git", "db.sqlite3"} & parts
    # accounts.password_rules reads it with the first password.
    assert "django/contrib/auth/common-passwords.txt.gz" in archive.namelist()


def test_bundle_contains_the_languages_of_the_site(archive: zipfile.ZipFile) -> None:
    catalogs = {name for name in archive.namelist() if name.endswith((".mo", ".po"))}
    languages = {path.parts[-3] for path in map(PurePosixPath, catalogs)}
    ours = {path.name for path in (ROOT / "locale").iterdir()}
    assert languages == {"en", *ours}
    for language in ours:
        for place in ("", "django/conf/", "django/contrib/admin/", "django/contrib/auth/"):
            assert f"{place}locale/{language}/LC_MESSAGES/django.mo" in catalogs
    assert not [name for name in catalogs if name.endswith(".po")]


def test_bundle_contains_its_version(archive: zipfile.ZipFile) -> None:
    text = archive.read("project/version.txt").decode()
    assert re.fullmatch(r"\d+\.\d+\.\d+ \([0-9a-f]{7}\)", text), text


def test_static_files_are_hashed_and_compressed_once(archive: zipfile.ZipFile) -> None:
    manifest = json.loads(archive.read("static-collected/staticfiles.json"))["paths"]
    names = set(archive.namelist())
    style = f"static-collected/{manifest['gatehouse/style.css']}"
    assert gzip.decompress(archive.read(style)).startswith(
        (ROOT / "accounts/static/gatehouse/style.css").read_bytes()[:20]
    )
    assert f"{style}.gz" not in names
    assert "static-collected/gatehouse/style.css" not in names


def test_bundle_contains_no_secret(deployment: Deployment, archive: zipfile.ZipFile) -> None:
    target = deployment.local.target
    stored: dict[str, str] = json.loads(
        target.client("secretsmanager").get_secret_value(SecretId=target.stage.secret_name)[
            "SecretString"
        ]
    )
    secrets = [value.encode() for name, value in stored.items() if name != CREATED]
    client = deployment.local.ministack.cognito().describe_user_pool_client(
        UserPoolId=deployment.local.outputs["UserPoolId"],
        ClientId=deployment.local.outputs["WebClientId"],
    )["UserPoolClient"]
    secrets.append(client["ClientSecret"].encode())
    assert len(secrets) == 4
    for name in archive.namelist():
        content = archive.read(name)
        assert not [secret for secret in secrets if secret in content], name


def test_settings_of_zappa_contain_no_variables_and_log_no_events() -> None:
    settings = json.loads(SETTINGS.read_text())
    for name, stage in settings.items():
        variables = {"environment_variables", "aws_environment_variables", "remote_env"}
        assert not variables & stage.keys(), name
    assert settings["dev"]["debug"] is False
    assert settings["dev"]["log_level"] == "INFO"
    assert settings["dev"]["touch"] is False
    assert settings["dev"]["cloudwatch_data_trace"] is False
    assert settings["prod"]["extends"] == "dev"


def test_excluded_packages_are_in_the_lock_file() -> None:
    """A name that is not in the lock file is a mistake or out of date."""
    lock_file = APP.lock_files[0].read_text()
    for name in NOT_IN_THE_BUNDLE:
        assert f"\n{name}==" in lock_file, name
        assert f"\n{name}==" not in f"\n{requirements(lock_file)}"
    assert requirements(lock_file).count("==") > 15
    assert requirements(lock_file).count("--hash=sha256:") > 100
