"""Whole adoptions: into a project with users, through two releases, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from infra.local.demo import OPERATOR, USER
from infra.product import lock
from tests.infra.product.adopt import journey
from tests.infra.product.adopt.journey import Rows, Theirs
from tests.infra.product.adopt.pool import Pool
from tests.infra.product.adopt.projects import PROJECTS
from tests.infra.product.adopt.upstream import TEMPLATE, Releases
from tests.support.browser import expect_heading, sign_in

pytestmark = pytest.mark.ministack


@pytest.mark.parametrize("name", PROJECTS)
def test_project_adopts_updates_twice_and_goes_back(
    name: str, tmp_path: Path, pool: Pool, releases: Releases, page: Page
) -> None:
    theirs = Theirs(tmp_path / "theirs", PROJECTS[name], pool)
    rows, schema = theirs.rows(), theirs.schema()

    without = ("--without", theirs.project.without)
    infra(releases, "adopt", "--into", str(theirs.directory), "--yes", *without)
    changed = theirs.repository.git("diff", "--name-only").splitlines()
    assert changed == list(theirs.project.changed)
    theirs.repository.commit("Adopt")
    assert "gatehouse/.env.example" in theirs.repository.git("ls-files")
    assert "1 linked, 0 were linked before" in theirs.run(journey.ADOPT)
    assert_kept(rows, theirs.rows())
    assert schema <= theirs.schema()

    with theirs.served(tmp_path / "server.log"):
        operator_enters_the_admin(theirs, page)
        client_calls_the_api(theirs, page)
        old_sign_in_stays(theirs, page)
    assert_kept(rows, theirs.rows())

    update_twice(theirs, releases)

    theirs.run(journey.GO_BACK)
    infra(releases, "adopt", "--into", str(theirs.directory), "--undo", "--yes")
    assert theirs.repository.git("status", "--porcelain", "--untracked-files=all")
    theirs.repository.commit("Go back")
    first = theirs.repository.git("rev-list", "--max-parents=0", "--first-parent", "HEAD")
    assert theirs.repository.git("diff", "--stat", first, "HEAD") == ""
    theirs.run(journey.AFTERWARDS)
    assert theirs.rows() == rows
    assert theirs.schema() == schema


def infra(releases: Releases, *arguments: str) -> str:
    done = releases.repository.infra(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def assert_kept(before: Rows, after: Rows) -> None:
    """Each row that the project had is there, with its primary key and its values."""
    for table, rows in before.items():
        missing = [row for row in rows if row not in after[table]]
        assert not missing, table


def operator_enters_the_admin(theirs: Theirs, page: Page) -> None:
    page.goto(f"{theirs.pool.site}/accounts/login/?next=/admin/")
    sign_in(page, OPERATOR.email)
    page.wait_for_url("**/admin/")
    assert "Django administration" in page.content()
    page.goto(f"{theirs.pool.site}/accounts/profile/")
    expect_heading(page, "Your profile")


def client_calls_the_api(theirs: Theirs, page: Page) -> None:
    token, url = theirs.pool.token_of(USER.email), f"{theirs.pool.site}/api/v1/me"
    answer = page.request.get(url, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status, answer.json()["kind"]) == (200, "user")
    # The cookie of the browser counts for nothing here.
    assert page.request.get(url).status == 401
    answer = page.request.get(f"{theirs.pool.site}/api/v1/docs")
    has_docs = "docs-page" not in theirs.project.without
    assert (answer.status, "swagger-ui.css" in answer.text()) == (
        200 if has_docs else 404,
        has_docs,
    )


def old_sign_in_stays(theirs: Theirs, page: Page) -> None:
    page.context.clear_cookies()
    path, location = theirs.project.old_login
    answer = page.request.get(f"http://localhost:{theirs.pool.port}{path}", max_redirects=0)
    assert answer.status == (302 if location else 200)
    assert answer.headers.get("location", "").startswith(location)


def update_twice(theirs: Theirs, releases: Releases) -> None:
    """Merge both releases, with a local change in between."""
    into, template = ("--into", str(theirs.directory)), f"gatehouse/{TEMPLATE}"
    shown = infra(releases, "update", *into, "--to", "0.3.0")
    assert "Read about 0.3.0." in shown
    assert "Read about 0.4.0." not in shown
    assert "as Gatehouse 0.3.0 has it" in theirs.repository.read(template)

    theirs.repository.write(template, "{# ours #}\n" + theirs.repository.read(template))
    theirs.repository.commit("Change a page")
    shown = infra(releases, "update", *into)
    assert "Read about 0.4.0." in shown
    migration = "gatehouse/accounts/migrations/"
    assert f"New migrations:\n\n    {migration}" in shown
    text = theirs.repository.read(template)
    assert text.startswith("{# ours #}\n")
    assert "as Gatehouse 0.3.0 has it" in text
    assert lock.read(theirs.directory).version == "0.4.0"
    assert theirs.repository.git("status", "--porcelain") == ""
