"""The command: what it changes, what it refuses, and how it is undone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.product import lock
from tests.infra.product import upstream
from tests.infra.product.adopt.test_host import PLAIN
from tests.infra.product.upstream import Repository

CORE = "cognito/core.py"
LINES = [f"line {number}\n" for number in range(20)]


@pytest.fixture
def source(tmp_path: Path) -> Repository:
    source = upstream.small(tmp_path / "upstream")
    source.write(CORE, f'"""Gatehouse.\n\n{"".join(LINES)}"""\nfrom accounts.apps import Config\n')
    source.write("accounts/apps.py", 'class Config:\n    label = "accounts"\n')
    source.write("requirements/runtime.in", "boto3==1.44.8\nzappa==0.63.0\n")
    source.commit("Have applications")
    source.git("tag", "--force", "v0.2.0")
    return source


@pytest.fixture
def theirs(tmp_path: Path) -> Repository:
    return project(tmp_path / "theirs")


def project(top: Path, folder: str = "") -> Repository:
    """Make a repository with a project in one of its folders."""
    top.mkdir()
    made = Repository(top)
    for path, text in PLAIN.items():
        made.write(f"{folder}{path}", text)
    made.git("init", "--quiet", "--initial-branch=main")
    made.commit("A project")
    return made


def adopt(source: Repository, into: Path, *options: str, status: int = 0) -> str:
    done = source.infra("adopt", "--into", str(into), *options)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stderr if status == 2 else done.stdout


def state(theirs: Repository) -> tuple[str, ...]:
    return (
        theirs.git("status", "--porcelain", "--ignored"),
        theirs.git("show-ref"),
        theirs.git("diff"),
    )


def test_dry_run_shows_the_diff_and_changes_nothing(source: Repository, theirs: Repository) -> None:
    before = state(theirs)
    shown = adopt(source, theirs.directory, "--dry-run")
    assert "--- a/site/settings.py\n+++ b/site/settings.py\n" in shown
    assert "\n+globals().update(gatehouse_settings(globals()))\n" in shown
    assert '\n+    path("gatehouse/", include("gatehouse.project.adopted_urls")),\n' in shown
    assert shown.endswith("Nothing is changed.\n")
    assert state(theirs) == before


def test_consent_is_asked_for(source: Repository, theirs: Repository) -> None:
    before = state(theirs)
    assert "Add --yes." in adopt(source, theirs.directory, status=2)
    assert state(theirs) == before
    for answer, status in ((b"no\n", 1), (b"\n", 1), (b"y\n", 0)):
        assert state(theirs) == before
        assert answered(source, theirs.directory, answer) == status
    assert theirs.has("gatehouse/__init__.py")


def answered(source: Repository, into: Path, answer: bytes) -> int:
    """Run the command in a terminal, in which a developer answers. Return the status."""
    keyboard, terminal = os.openpty()
    os.write(keyboard, answer)
    command = [sys.executable, "-m", "infra", "adopt", "--into", str(into)]
    try:
        done = subprocess.run(
            command,
            cwd=source.directory,
            env=upstream.ENVIRONMENT,
            stdin=terminal,
            capture_output=True,
            check=False,
            timeout=60,
        )
    finally:
        os.close(keyboard)
        os.close(terminal)
    assert b"Make these changes?" in done.stdout
    return done.returncode


def test_adoption_is_left_to_the_project_to_commit(source: Repository, theirs: Repository) -> None:
    shown = adopt(source, theirs.directory, "--yes")
    assert "python manage.py migrate\n" in shown
    assert "infra local pool --site http://localhost:8000/gatehouse\n" in shown
    assert theirs.git("status", "--porcelain").splitlines() == [
        "M site/settings.py",
        " M site/urls.py",
        "?? gatehouse/",
        "?? upstream.toml",
    ]
    assert "from gatehouse.accounts.apps import Config" in theirs.read(f"gatehouse/{CORE}")
    assert "boto3>=1.44,<2\n" in theirs.read("gatehouse/requirements.txt")
    assert "zappa" not in theirs.read("gatehouse/requirements.txt")
    assert theirs.read("gatehouse/project/version.txt") == "0.2.0"
    variables = theirs.read("gatehouse/.env.example")
    assert "\nCOGNITO_USER_POOL_ID=" in variables
    assert "DATABASE_URL=" not in variables
    made_of = lock.read(theirs.directory)
    assert (made_of.command, made_of.version) == ("adopt", "0.2.0")
    assert made_of.answers == {
        "name": "Gatehouse",
        "package": "gatehouse",
        "prefix": "gatehouse",
        "without": (),
    }


def test_names_are_the_choice_of_the_project(source: Repository, theirs: Repository) -> None:
    names = ("--package", "signin", "--prefix", "/auth/users/", "--name", "Our Sign-in")
    adopt(source, theirs.directory, "--yes", *names)
    core = theirs.read(f"signin/{CORE}")
    assert core.startswith('"""Our Sign-in.\n')
    assert "from signin.accounts.apps import Config" in core
    assert 'label = "signin_accounts"' in theirs.read("signin/accounts/apps.py")
    assert "from signin.project.adopted_settings import signin_settings" in theirs.read(
        "site/settings.py"
    )
    assert 'path("auth/users/", include("signin.project.adopted_urls"))' in theirs.read(
        "site/urls.py"
    )


def test_capability_can_be_left_out(source: Repository, theirs: Repository) -> None:
    source.write("api/urls.py", 'URLS = [\n    "a",\n    "b",  # only with example\n]\n')
    source.commit("Have addresses")
    adopt(source, theirs.directory, "--yes", "--without", "example")
    assert theirs.read("gatehouse/api/urls.py") == 'URLS = [\n    "a",\n]\n'
    assert lock.read(theirs.directory).answers["without"] == ("example",)


def test_refused_adoption_changes_nothing(
    source: Repository, theirs: Repository, tmp_path: Path
) -> None:
    (tmp_path / "bare").mkdir()
    theirs.write("taken/__init__.py", "")
    theirs.write("single.py", "")
    settings = PLAIN["site/settings.py"].replace("[]", '["cms.apps.Config"]')
    theirs.write("site/settings.py", settings)
    theirs.write("site/urls.py", 'urlpatterns = [path("auth/", x)]\n')
    theirs.commit("Use names")
    Repository(tmp_path / "bare").write("manage.py", "")
    Repository(tmp_path / "bare").write("site/settings.py", PLAIN["site/settings.py"])
    before = state(theirs)
    for into, options, problem in (
        ("theirs", ("--package", "taken"), "The project has taken already"),
        ("theirs", ("--package", "single"), "The project has single.py already"),
        ("theirs", ("--package", "a-b"), "expected 2 to 16 lower-case letters"),
        ("theirs", ("--package", "django"), "is the name of a module"),
        ("theirs", ("--package", "email"), "is the name of a module"),
        ("theirs", ("--package", "cms"), "is the name of a module"),
        ("theirs", ("--prefix", "auth"), "has addresses below auth/ already"),
        ("theirs", ("--prefix", "<a>"), "The prefix '<a>' is invalid"),
        ("theirs", ("--without", "other"), "There is no capability other"),
        ("theirs", ("--settings-file", "gone.py"), "There is no file gone.py"),
        ("theirs", ("--undo",), "There is no upstream.toml"),
        ("bare", (), "is in no git repository"),
        ("gone", (), "is not a directory"),
        ("upstream", (), "There is no manage.py"),
    ):
        assert problem in adopt(source, tmp_path / into, "--yes", *options, status=2)
        assert state(theirs) == before
    theirs.write("site/urls.py", "urlpatterns = []\n")
    assert "changes that are not committed" in adopt(source, theirs.directory, "--yes", status=2)
    done = source.infra("adopt", "--yes")
    assert (done.returncode, "Name the project: --into" in done.stderr) == (2, True)


def test_project_is_adopted_once(source: Repository, theirs: Repository) -> None:
    adopt(source, theirs.directory, "--yes")
    theirs.commit("Adopt")
    before = state(theirs)
    assert "has upstream.toml" in adopt(source, theirs.directory, "--yes", status=2)
    assert state(theirs) == before


@pytest.mark.parametrize(
    "text",
    [
        "urlpatterns = []\r\n",
        "urlpatterns = []\n",
        "\ufeffurlpatterns = []\n",
        "urlpatterns = []",
        "x = 1\r\nurlpatterns = []",
    ],
)
def test_undo_restores_each_byte(source: Repository, theirs: Repository, text: str) -> None:
    path = theirs.directory / "site/urls.py"
    path.write_bytes(text.encode())
    theirs.write(".gitignore", "local.py\n")
    theirs.commit("Have other ends of lines")
    # Many developers have settings of their own, which git ignores.
    own = "from .settings import *"
    theirs.write("site/local.py", own)
    adopt(source, theirs.directory, "--yes")
    changed = path.read_bytes()
    assert changed.count(b"\r\n") in {0, changed.count(b"\n")}
    assert "gatehouse_settings" in theirs.read("site/local.py")
    theirs.commit("Adopt")
    before = state(theirs)
    shown = adopt(source, theirs.directory, "--undo", "--dry-run")
    assert "manage.py migrate gatehouse_accounts zero" in shown
    assert "\n-globals().update(gatehouse_settings(globals()))\n" in shown
    assert state(theirs) == before

    adopt(source, theirs.directory, "--undo", "--yes")
    theirs.commit("Go back")
    assert theirs.git("diff", "--stat", "HEAD~2", "HEAD") == ""
    assert path.read_bytes() == text.encode()
    assert theirs.read("site/local.py") == own


def test_undo_names_the_code_that_uses_the_package(source: Repository, theirs: Repository) -> None:
    adopt(source, theirs.directory, "--yes")
    theirs.write("site/users.py", "from gatehouse.accounts import apps\n")
    theirs.commit("Adopt, and use it")
    theirs.write("site/login.html", "{% url 'gatehouse_accounts:login' %}")
    said = adopt(source, theirs.directory, "--undo", "--yes", status=2)
    assert "use gatehouse: site/login.html, site/users.py" in said
    theirs.write("gatehouse/new.py", "")
    theirs.git("rm", "--quiet", "--force", "site/users.py")
    (theirs.directory / "site/login.html").unlink()
    theirs.git("commit", "--quiet", "-m", "Do not use it")
    said = adopt(source, theirs.directory, "--undo", "--yes", status=2)
    assert "gatehouse has files that are not committed" in said


def test_project_in_a_folder_of_its_repository_is_updated(
    source: Repository, tmp_path: Path
) -> None:
    theirs = project(tmp_path / "theirs", "services/web/")
    shown = adopt(source, theirs.directory, "--yes")
    assert "--- a/services/web/site/settings.py\n" in shown
    theirs.commit("Adopt")
    core = f"services/web/gatehouse/{CORE}"
    theirs.replace(core, LINES[3], "our line\n")
    theirs.commit("Change a line")

    release(source, "0.3.0", LINES[10])
    directory = theirs.directory / "services/web"
    before = state(theirs)
    done = source.infra("update", "--into", str(directory), "--dry-run")
    assert done.returncode == 0, done.stderr
    assert state(theirs) == before
    done = source.infra("update", "--into", str(directory))
    assert done.returncode == 0, done.stderr
    assert "manage.py migrate" in done.stdout
    assert "New settings" not in done.stdout
    assert "our line\n" in theirs.read(core)
    assert "line 10, as 0.3.0 has it\n" in theirs.read(core)
    assert theirs.read("services/web/gatehouse/project/version.txt") == "0.3.0"
    assert lock.read(directory).version == "0.3.0"

    release(source, "0.4.0", LINES[3])
    done = source.infra("update", "--into", str(directory))
    assert done.returncode == 1
    assert f"\n    {core}\n" in done.stdout
    assert "<<<<<<< HEAD\nour line\n" in theirs.read(core)
    theirs.git("merge", "--abort")
    assert lock.read(directory).version == "0.3.0"

    adopt(source, directory, "--undo", "--yes")
    assert not (directory / "gatehouse").exists()
    assert theirs.read("services/web/site/urls.py") == PLAIN["site/urls.py"]


def test_started_product_is_not_an_adopted_one(source: Repository, tmp_path: Path) -> None:
    source.write("manage.py", "")
    source.commit("Have manage.py")
    acme = tmp_path / "acme"
    done = source.infra("new", str(acme), "--name", "Acme", "--package", "acme")
    assert done.returncode == 0, done.stderr
    assert "adopted or started from here already" in adopt(source, acme, "--yes", status=2)
    assert "was started from here" in adopt(source, acme, "--undo", "--yes", status=2)


def release(source: Repository, version: str, line: str) -> None:
    former = lock_version(source)
    source.replace("pyproject.toml", f'version = "{former}"', f'version = "{version}"')
    source.replace(CORE, line, f"{line.strip()}, as {version} has it\n")
    source.commit(f"Release {version}")
    source.git("tag", f"v{version}")


def lock_version(source: Repository) -> str:
    return source.read("pyproject.toml").partition('\nversion = "')[2].partition('"')[0]
