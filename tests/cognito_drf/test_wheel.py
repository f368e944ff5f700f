"""The wheel, installed into an environment that has nothing of this repository."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from cognito.testing.key_set_server import KeySetServer
from cognito.testing.token_factory import CLIENT_ID, TokenFactory
from infra.environments import ROOT

# What the package needs, from the environment of the tests, because tests download nothing.
DEPENDENCIES = (
    *("asgiref", "certifi", "cffi", "charset_normalizer", "cryptography", "django", "ecdsa"),
    *("idna", "jose", "orjson", "pyasn1", "requests", "rest_framework", "rsa", "six.py"),
    *("sqlparse", "urllib3"),
)
DOCS = (ROOT / "docs/verify-tokens.md").read_text("utf-8")


def block(containing: str) -> str:
    """Return the Python block of the documentation that contains a text."""
    blocks = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
    [found] = [one for one in blocks if containing in one]
    return str(found)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of what it is made of, so that nothing is written here."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("LICENSE", "pyproject.toml", "cognito", "cognito_drf", "docs/verify-tokens.md"):
        (copy / name).parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-r", ROOT / name, copy / name], check=True, timeout=60)
    built = tmp_path_factory.mktemp("built")
    subprocess.run(
        [
            *(sys.executable, "-c"),
            "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])",
            built,
        ],
        cwd=copy,
        check=True,
        capture_output=True,
        timeout=120,
    )
    [found] = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel beside its dependencies."""
    directory = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(directory)
    [packages] = {Path(entry) for entry in sys.path if entry.endswith("site-packages")}
    for name in (*DEPENDENCIES, *(path.name for path in packages.glob("_cffi_backend*"))):
        (directory / name).symlink_to(packages / name)
    return directory


def run(site: Path, program: str, *arguments: str, given: str = "") -> Any:
    """Run a program that finds only the packages in `site`. Return what it printed."""
    code = f"import sys; sys.path.insert(0, {str(site)!r})\n{program}"
    done = subprocess.run(
        # Without the environment's packages, and without this directory.
        [sys.executable, "-I", "-S", "-c", code, *arguments],
        input=given,
        cwd=site,
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_wheel_has_the_packages_with_their_types_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        [metadata] = [archive.read(name).decode() for name in names if name.endswith("METADATA")]
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"cognito", "cognito_drf"}
    assert {"cognito/py.typed", "cognito_drf/py.typed"} <= set(names)
    for line in ("Name: gatehouse", "Requires-Python: >=3.11", "License-Expression: MIT"):
        assert line in metadata
    assert 'Requires-Dist: djangorestframework>=3.16; extra == "drf"' in metadata


def test_import_loads_no_other_package(site: Path) -> None:
    program = "import cognito; print(len([n for n in sys.modules if n.startswith('cognito.')]))"
    assert run(site, program) == "0"


def test_documented_lines_verify_a_token_without_django(
    site: Path, key_set_server: KeySetServer, token_factory: TokenFactory
) -> None:
    lines = block("claims = verifier.verify")
    local = f"issuer={token_factory.issuer!r}, jwks_url={key_set_server.url!r}"
    lines = lines.replace('client_ids=["1example23456789"]', f"client_ids={CLIENT_ID!r}, {local}")
    program = f"""
token = sys.stdin.read()
{lines}
assert not [name for name in sys.modules if name.startswith(("django", "rest_framework"))]
"""
    assert run(site, program, given=token_factory.access()).startswith(token_factory.sub)


def test_documented_settings_are_all_that_a_project_needs(
    site: Path, key_set_server: KeySetServer, token_factory: TokenFactory
) -> None:
    local = f'"ISSUER": {token_factory.issuer!r}, "JWKS_URL": {key_set_server.url!r}'
    documented = block("DEFAULT_AUTHENTICATION_CLASSES").replace(
        '"CLIENT_IDS": ["1example23456789"],', f'"CLIENT_IDS": [{CLIENT_ID!r}], {local}'
    )
    program = f"""
settings = {{}}
exec({documented!r}, settings)
from django.conf import settings as django_settings
names = ("REST_FRAMEWORK", "COGNITO")
django_settings.configure(INSTALLED_APPS=["cognito_drf"], ROOT_URLCONF="__main__",
                          ALLOWED_HOSTS=["testserver"], SECRET_KEY="x",
                          **{{name: settings[name] for name in names}})
django_settings.REST_FRAMEWORK["EXCEPTION_HANDLER"] = "__main__.with_code"
import django; django.setup()
from django.test import Client
from django.urls import path

{block("def whoami")}
{block("def with_code")}
urlpatterns = [path("", whoami)]
from django.core.checks import run_checks
from django.test import override_settings
assert run_checks() == []
with override_settings(COGNITO={{}}):
    assert [one.id for one in run_checks()] == ["cognito_drf.E001"]
get = Client().get
print(get("/", headers={{"Authorization": "Bearer " + sys.stdin.read()}}).json()["sub"],
      get("/").status_code, get("/", headers={{"Authorization": "Bearer x"}}).json()["code"])
"""
    printed = run(site, program, given=token_factory.access())
    assert printed == f"{token_factory.sub} 401 malformed_token"
