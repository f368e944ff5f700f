"""Products that `infra new` makes of this repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from infra.environments import APP, ROOT
from infra.product import capabilities, lock
from tests.infra.product import upstream
from tests.infra.product.upstream import Repository

# Names of the shortest and the greatest length. The fixture `acme` has a name of the usual length.
NAMES = {
    "zz": "Z",
    "averyverylong001": "Wonderful Name Of Long Product",
}
# What Django's settings need (the Makefile has the same).
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "project.settings",
    "DJANGO_DEBUG": "true",
    "DATABASE_URL": "sqlite://:memory:",
    "COGNITO_REGION": "eu-west-1",
    "COGNITO_USER_POOL_ID": "eu-west-1_lint",
    "COGNITO_CLIENT_ID": "lint",
    "COGNITO_DOMAIN": "https://lint.auth.eu-west-1.amazoncognito.com",
}


# A program that loads everything of the application, and asks for the description of its API.
COMPLETE = """
import importlib, subprocess
import django
from django.core.management import call_command
from django.test import Client

django.setup()
call_command("check", fail_level="WARNING")
call_command("makemigrations", check_changes=True, dry_run=True)
assert Client(headers={"Host": "localhost:8000"}).get("/api/v1/schema").status_code == 200
folders = ("accounts", "api", "cognito", "project", "infra")
for path in subprocess.check_output(["git", "ls-files", *folders], text=True).splitlines():
    if path.endswith(".py") and not path.endswith("__main__.py") and path.count(".") == 1:
        importlib.import_module(path[:-3].replace("/", ".").removesuffix(".__init__"))
"""
CAPABILITIES = sorted(capabilities.parse((ROOT / capabilities.FILE).read_text()))
CAPABILITIES.remove(capabilities.UPSTREAM)
# Tests of what is next to a capability. They are few, because the product without all runs more.
NEIGHBOURS = {
    "console": ["tests/api/test_scopes.py", "tests/accounts/own_account/test_data_pages.py"],
    "docs-page": ["tests/api/test_problems.py", "tests/accounts/branding/test_marks.py"],
    "gateway-authorizer": ["tests/infra/deploy/gateway/test_gateway_template.py"],
    "german": ["tests/locale", "tests/accounts/branding/test_marks.py"],
    "notes": ["tests/api/test_scopes.py", "tests/accounts/branding/test_name.py"],
    "user-migration": ["tests/infra/deploy/user_pool/test_user_pool_documentation.py"],
}
PYTEST = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
# Tests of what all capabilities share: addresses, settings, texts, the description of the API.
SHARED = (
    *("tests/accounts/branding", "tests/accounts/own_account/test_data_pages.py"),
    *("tests/accounts/sign_out", "tests/accounts/test_checks.py"),
    *("tests/accounts/test_project_checks.py", "tests/api/auth/test_documentation.py"),
    *("tests/api/openapi", "tests/api/session", "tests/api/test_problems.py"),
    *("tests/api/test_scopes.py", "tests/locale", "tests/project", "tests/support"),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return upstream.whole(tmp_path_factory.mktemp("whole") / "upstream")


@pytest.fixture
def small(tmp_path: Path) -> Repository:
    return upstream.small(tmp_path / "upstream")


def new(source: Repository, directory: Path, *options: str) -> Repository:
    names = ("--name", "Acme Portal", "--package", "acme")
    done = source.infra("new", str(directory), *names, *options)
    assert done.returncode == 0, done.stderr
    assert f"Acme Portal is in {directory}" in done.stdout
    return Repository(directory)


def run(product: Repository, *command: str, timeout: int = 240) -> None:
    """Run a program of this checkout's environment in a product."""
    done = subprocess.run(
        [str(APP.python.parent / command[0]), *command[1:]],
        cwd=product.directory,
        env={"PATH": os.environ["PATH"]} | SETTINGS,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def acme(whole: Repository, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return new(whole, tmp_path_factory.mktemp("acme") / "acme")


def test_only_the_licence_and_the_lock_file_name_the_upstream_project(acme: Repository) -> None:
    found = acme.git("grep", "--text", "--ignore-case", "--files-with-matches", "gatehouse")
    assert found.splitlines() == ["LICENSE", "upstream.toml"]
    assert "gatehouse" not in acme.git("ls-files").lower()


def test_product_is_a_repository_with_one_commit(whole: Repository, acme: Repository) -> None:
    commit = whole.git("rev-parse", "HEAD")
    assert acme.git("log", "--format=%s %D").splitlines() == [
        f"Start from Gatehouse 0.2.0 ({commit[:7]}) HEAD -> main, tag: upstream/0.2.0"
    ]
    assert acme.git("status", "--porcelain") == ""
    made_of = lock.read(acme.directory)
    assert (made_of.version, made_of.commit) == ("0.2.0", commit)
    assert made_of.answers == {"name": "Acme Portal", "package": "acme", "without": ()}
    assert '\nversion = "0.1.0"\n' in acme.read("pyproject.toml")
    assert os.access(acme.directory / ".ci/run", os.X_OK)


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_product_without_a_capability_is_complete(
    whole: Repository, tmp_path: Path, capability: str
) -> None:
    product = new(whole, tmp_path / "acme", "--without", capability)
    assert_complete(product)
    if files := NEIGHBOURS.get(capability):
        run(product, *PYTEST, *files)


def test_tests_of_a_product_without_any_capability_pass(whole: Repository, tmp_path: Path) -> None:
    product = new(whole, tmp_path / "acme", "--without", ",".join(CAPABILITIES))
    assert_complete(product)
    # Imports of each file of tests, also of those that are slow.
    run(product, *PYTEST, "--collect-only", "--assert=plain", timeout=600)
    run(product, *PYTEST, "-m", "not slow", *SHARED, timeout=600)


def assert_complete(product: Repository) -> None:
    """Run the checks that find what is left of a name, or of a capability that is left out."""
    # Names that are not defined or not used, and the format of changed lines.
    run(product, "ruff", "check", "--no-cache", "--quiet")
    run(product, "ruff", "format", "--no-cache", "--check", "--quiet")
    # Links, and pages that comments name.
    run(product, "python", "docs/check.py")
    run(product, "lint-imports", "--no-cache")
    run(product, "python", "-c", COMPLETE)


def test_code_needs_no_change(acme: Repository) -> None:
    assert_complete(acme)


@pytest.mark.parametrize("package", NAMES)
def test_code_needs_no_change_whatever_the_length_of_the_name(
    whole: Repository, tmp_path: Path, package: str
) -> None:
    directory = tmp_path / "product"
    done = whole.infra("new", str(directory), "--name", NAMES[package], "--package", package)
    assert done.returncode == 0, done.stderr
    assert_complete(Repository(directory))


def test_same_release_gives_the_same_files(small: Repository, tmp_path: Path) -> None:
    trees = {new(small, tmp_path / name).git("rev-parse", "HEAD^{tree}") for name in ("a", "b")}
    assert len(trees) == 1


def test_left_out_capability_has_neither_files_nor_lines(small: Repository, tmp_path: Path) -> None:
    product = new(small, tmp_path / "acme", "--without", "example")
    assert not product.has("example")
    assert product.read("urls.py") == 'URLS = [\n    "view",\n]\n'
    assert lock.read(product.directory).answers["without"] == ("example",)
    assert (
        new(small, tmp_path / "all").read("urls.py") == 'URLS = [\n    "view",\n    "example",\n]\n'
    )


def test_directory_may_be_relative(small: Repository, tmp_path: Path) -> None:
    done = small.infra("new", "../acme", "--name", "Acme", "--package", "acme")
    assert done.returncode == 0, done.stderr
    assert f"cd {tmp_path / 'acme'}\n" in done.stdout
    assert Repository(tmp_path / "acme").has("upstream.toml")


def test_product_cannot_start_products(small: Repository, tmp_path: Path) -> None:
    product = new(small, tmp_path / "acme")
    done = product.infra("new", str(tmp_path / "other"), "--name", "Other", "--package", "other")
    assert done.returncode == 2
    assert "invalid choice: 'new'" in done.stderr
    assert "update" in product.infra("--help").stdout


def test_changes_that_are_not_committed_are_not_in_the_product(
    small: Repository, tmp_path: Path
) -> None:
    small.write("gatehouse/view.py", "NAME = 'changed'\n")
    done = small.infra("new", str(tmp_path / "acme"), "--name", "Acme", "--package", "acme")
    assert "The product has what is committed here" in done.stdout
    assert Repository(tmp_path / "acme").read("acme/view.py") == "NAME = 'acme'\n"


def test_lock_file_names_the_origin_without_a_password(small: Repository, tmp_path: Path) -> None:
    small.git("remote", "add", "origin", "/nowhere")
    for number, (origin, source) in enumerate(
        (
            ("https://ada:the-password@example.com/a/b.git", "https://example.com/a/b.git"),
            ("git@example.com:a/b.git", "git@example.com:a/b.git"),
            ("ssh://git@example.com/a/b.git", "ssh://git@example.com/a/b.git"),
            ("../b.git", str(tmp_path / "b.git")),
        )
    ):
        small.git("remote", "set-url", "origin", origin)
        assert lock.read(new(small, tmp_path / f"acme{number}").directory).source == source


def test_refused_command_leaves_nothing_behind(small: Repository, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").touch()
    (tmp_path / "upstream.txt").touch()
    before = sorted(tmp_path.iterdir())
    names = ("--name", "Acme", "--package", "acme")
    for directory, options, problem in (
        ("upstream/acme", (), "is inside this repository"),
        ("full", (), "is not an empty directory"),
        ("upstream.txt", (), "is not an empty directory"),
        ("acme", ("--package", "infra"), "is the name of a file, a folder or a dependency"),
        ("acme", ("--package", "django"), "is the name of a file, a folder or a dependency"),
        ("acme", ("--package", "a-b"), "expected 2 to 16 lower-case letters"),
        ("acme", ("--name", "<b>"), "expected letters from A to Z"),
        ("acme", ("--without", "other"), "There is no capability other"),
    ):
        done = small.infra("new", str(tmp_path / directory), *names, *options)
        assert done.returncode == 2
        assert problem in done.stderr
        assert sorted(tmp_path.iterdir()) == before
    assert small.git("status", "--porcelain") == ""


def test_directory_that_is_no_clone_is_refused(small: Repository, tmp_path: Path) -> None:
    exported = Repository(tmp_path / "exported")
    small.git("checkout-index", "--all", f"--prefix={exported.directory}/")
    done = exported.infra("new", str(tmp_path / "acme"), "--name", "Acme", "--package", "acme")
    assert done.returncode == 2
    assert "is not a clone made by git" in done.stderr


def test_environment_of_this_checkout_is_that_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    settings = {name: SETTINGS[name] for name in SETTINGS if name != "DJANGO_SETTINGS_MODULE"}
    for name, value in settings.items():
        assert f"lint docs: export {name} = {value}\n" in makefile
