"""Updates of a product from one release to the next ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.product import lock
from tests.infra.product import upstream
from tests.infra.product.upstream import PAGE, Repository


@pytest.fixture
def source(tmp_path: Path) -> Repository:
    return upstream.small(tmp_path / "upstream")


@pytest.fixture
def product(source: Repository) -> Repository:
    return start(source)


def start(source: Repository, *options: str) -> Repository:
    directory = source.directory.with_name("acme")
    names = ("--name", "Acme Portal", "--package", "acme")
    done = source.infra("new", str(directory), *names, *options)
    assert done.returncode == 0, done.stderr
    made = Repository(directory)
    made.replace(PAGE, "line 2\n", "line 2, changed in the product\n")
    made.write("own.py", "OWN = True\n")
    made.commit("Change a line, and add a file")
    return made


def release(source: Repository, version: str, line: str = "line 15") -> None:
    """Commit a release that changes a line, and adds files, a setting and a note."""
    former = lock_version(source)
    source.replace("pyproject.toml", f'version = "{former}"', f'version = "{version}"')
    source.replace(PAGE, f"{line}\n", f"{line}, as Gatehouse {version} has it\n")
    source.write(f"gatehouse/new_{version}.py", f"NAME = 'gatehouse {version}'\n")
    source.write(f"example/new_{version}.py", "")
    source.write("example/view.py", f"NAME = 'example {version}'\n")
    note = f"## {version}\n\n### Before you upgrade\n\n- Read about {version}."
    source.replace("CHANGELOG.md", "# Changes\n", f"# Changes\n\n{note}\n")
    source.commit(f"Release {version}")
    source.git("tag", f"v{version}")


def lock_version(source: Repository) -> str:
    return source.read("pyproject.toml").partition('\nversion = "')[2].partition('"')[0]


def update(product: Repository, *options: str, status: int = 0) -> str:
    done = product.infra("update", *options)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status != 2 else done.stderr


def state(product: Repository) -> tuple[str, ...]:
    questions = (("status", "--porcelain"), ("rev-parse", "HEAD"), ("show-ref",), ("ls-files",))
    return tuple(product.git(*question) for question in questions)


def test_two_releases_are_merged_with_a_local_change_in_between(
    source: Repository, product: Repository
) -> None:
    release(source, "0.3.0")
    shown = update(product)
    assert "From Gatehouse 0.2.0" in shown
    assert "## 0.3.0\n\n### Before you upgrade\n\n- Read about 0.3.0.\n" in shown
    page = product.read(PAGE)
    assert page.startswith("Acme Portal:\n")
    assert "line 2, changed in the product\n" in page
    assert "line 15, as Acme Portal 0.3.0 has it\n" in page
    assert product.read("acme/new_0.3.0.py") == "NAME = 'acme 0.3.0'\n"
    assert product.read("own.py") == "OWN = True\n"
    assert '\nversion = "0.1.0"\n' in product.read("pyproject.toml")

    product.replace("acme/new_0.3.0.py", "NAME", "OWN_NAME")
    product.commit("Change a new file")
    release(source, "0.4.0", "line 18")
    release(source, "0.10.0", "line 10")
    shown = update(product)
    assert "Read about 0.4.0." in shown
    assert "Read about 0.10.0." in shown
    assert "Read about 0.3.0." not in shown
    page = product.read(PAGE)
    for line in ("2, changed in the product", "15, as Acme Portal 0.3.0 has it"):
        assert f"line {line}\n" in page
    assert "line 18, as Acme Portal 0.4.0 has it\n" in page
    assert "OWN_NAME = 'acme 0.3.0'\n" in product.read("acme/new_0.3.0.py")
    made_of = lock.read(product.directory)
    assert (made_of.version, made_of.commit) == ("0.10.0", source.git("rev-parse", "HEAD"))
    assert product.git("status", "--porcelain") == ""
    found = product.git("grep", "--ignore-case", "--files-with-matches", "gatehouse")
    assert found.splitlines() == ["LICENSE", "upstream.toml"]

    before = state(product)
    assert "There is no later release." in update(product)
    assert "has that release already" in update(product, "--to", "0.10.0")
    assert state(product) == before


def test_dry_run_changes_nothing(source: Repository, product: Repository) -> None:
    release(source, "0.3.0")
    before = state(product)
    shown = update(product, "--dry-run")
    assert "Read about 0.3.0." in shown
    assert "Nothing is changed. The update would be: 6 files changed" in shown
    assert state(product) == before


def test_conflict_has_the_form_of_git(source: Repository, product: Repository) -> None:
    release(source, "0.3.0", line="line 2")
    before = state(product)
    assert f"\n    {PAGE}\n" in update(product, "--dry-run", status=1)
    assert state(product) == before

    shown = update(product, status=1)
    assert f"\n    {PAGE}\n" in shown
    assert "git merge --abort" in shown
    page = product.read(PAGE)
    assert "<<<<<<< HEAD\nline 2, changed in the product\n=======\n" in page
    assert "line 2, as Acme Portal 0.3.0 has it\n>>>>>>> upstream/0.3.0\n" in page
    assert "not committed" in update(product, status=2)
    product.git("merge", "--abort")
    assert lock.read(product.directory).version == "0.2.0"

    update(product, status=1)
    product.git("checkout", "--theirs", PAGE)
    product.git("add", PAGE)
    product.git("commit", "--no-edit")
    assert lock.read(product.directory).version == "0.3.0"
    release(source, "0.4.0")
    update(product)


def test_what_was_left_out_does_not_come_back(source: Repository) -> None:
    product = start(source, "--without", "example")
    release(source, "0.3.0")
    source.replace("urls.py", '"view",\n', '"view",\n    "second",\n')
    source.commit("Add an address")
    update(product, "--to", "main")
    assert not product.has("example")
    assert product.read("urls.py") == 'URLS = [\n    "view",\n    "second",\n]\n'
    assert lock.read(product.directory).answers["without"] == ("example",)


def test_update_can_leave_out_more_and_take_it_back(
    source: Repository, product: Repository
) -> None:
    update(product, "--without", "example")
    assert not product.has("example")
    assert '"example"' not in product.read("urls.py")
    assert product.has("own.py")
    release(source, "0.3.0")
    update(product, "--without", "")
    assert product.read("example/view.py") == "NAME = 'example 0.3.0'\n"
    assert '"example"' in product.read("urls.py")


def test_squashed_update_does_not_disturb_the_next_one(
    source: Repository, product: Repository
) -> None:
    release(source, "0.3.0")
    product.git("switch", "--quiet", "--create", "update")
    update(product)
    product.git("switch", "--quiet", "main")
    product.git("merge", "--quiet", "--squash", "update")
    product.commit("Update (#1)")
    product.git("branch", "--quiet", "--delete", "--force", "update")
    # Without the release as an ancestor, this line would be in conflict.
    release(source, "0.4.0", line="line 15, as Gatehouse 0.3.0 has it")
    update(product)
    assert "line 15, as Acme Portal 0.3.0 has it, as Acme Portal 0.4.0 has it\n" in product.read(
        PAGE
    )
    assert "line 2, changed in the product\n" in product.read(PAGE)
    assert product.git("status", "--porcelain") == ""


def test_reverted_update_comes_with_the_next_one(source: Repository, product: Repository) -> None:
    release(source, "0.3.0")
    update(product)
    product.git("revert", "--no-edit", "--mainline", "1", "HEAD")
    assert lock.read(product.directory).version == "0.2.0"
    release(source, "0.4.0", line="line 5")
    update(product)
    assert "line 15, as Acme Portal 0.3.0 has it\n" in product.read(PAGE)
    assert "line 5, as Acme Portal 0.4.0 has it\n" in product.read(PAGE)


def test_new_settings_and_migrations_are_listed(source: Repository, product: Repository) -> None:
    source.write(".env.example", source.read(".env.example") + "# NEW_SETTING=1\n")
    source.write("accounts/migrations/0001_first.py", "")
    source.commit("Add a setting and a migration")
    shown = update(product, "--to", "main")
    assert "New settings (docs/configuration.md):\n\n    NEW_SETTING\n" in shown
    assert "New migrations:\n\n    accounts/migrations/0001_first.py\n" in shown


def test_moved_upstream_repository_is_remembered(
    source: Repository, product: Repository, tmp_path: Path
) -> None:
    release(source, "0.3.0")
    source.directory.rename(tmp_path / "moved")
    assert "`git clone` failed" in update(product, status=2)
    moved = Repository(tmp_path / "moved")
    update(product, "--from", "../moved")
    assert lock.read(product.directory).source == str(moved.directory)
    release(moved, "0.4.0", line="line 5")
    update(product)


def test_refused_update_changes_nothing(source: Repository, product: Repository) -> None:
    source.git("tag", "first", "HEAD^")
    source.git("checkout", "--quiet", "-b", "side", "HEAD^")
    source.write("side.py", "")
    source.commit("Develop at the side")
    source.git("switch", "--quiet", "main")
    before = state(product)
    for options, problem in (
        (("--to", "9.9.9"), "has no version, tag, branch or commit '9.9.9'"),
        (("--to", "--all"), "expected one argument"),
        (("--to=--all",), "has no version, tag, branch or commit '--all'"),
        (("--to", "first"), "is older than"),
        (("--to", "side"), "is older than"),
        (("--without", "other"), "There is no capability other"),
    ):
        assert problem in update(product, *options, status=2)
        assert state(product) == before


def test_without_a_release_a_branch_must_be_named(source: Repository, product: Repository) -> None:
    source.git("tag", "--delete", "v0.2.0")
    source.write("gatehouse/new.py", "")
    source.commit("Add a file")
    before = state(product)
    said = update(product, status=2)
    assert "has no release, which is a commit with a tag such as v1.2.0" in said
    assert str(source.directory) in said
    assert "--to main" in said
    assert state(product) == before
    # To leave something out needs no release.
    update(product, "--without", "example")
    assert not product.has("example")
    assert not product.has("acme/new.py")
    update(product, "--to", "main")
    assert product.has("acme/new.py")


def test_product_of_a_later_commit_than_the_last_release_is_left_as_it_is(
    source: Repository,
) -> None:
    source.write("gatehouse/new.py", "")
    source.commit("Add a file")
    product = start(source)
    before = state(product)
    shown = update(product)
    assert "There is no later release." in shown
    assert "name a branch with --to" in shown
    assert state(product) == before
    release(source, "0.3.0")
    update(product)
    assert lock.read(product.directory).version == "0.3.0"


def test_changes_that_are_not_committed_are_refused(
    source: Repository, product: Repository
) -> None:
    release(source, "0.3.0")
    product.write("own.py", "OWN = False\n")
    assert "not committed" in update(product, status=2)
    product.git("checkout", "own.py")
    product.write("acme/new_0.3.0.py", "a file that is in no commit\n")
    assert "Git did not merge the release" in update(product, status=2)
    assert product.read("acme/new_0.3.0.py") == "a file that is in no commit\n"


def test_upstream_project_itself_is_not_updated(source: Repository) -> None:
    assert "There is no upstream.toml in /" in update(source, status=2)
