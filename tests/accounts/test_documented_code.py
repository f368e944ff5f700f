"""The code of docs/build-a-page.md, docs/claims-and-roles.md and docs/background-jobs.md runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import include, path
from django.urls.base import clear_url_caches
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from infra.environments import ROOT
from tests.support.provider.clock import Clock
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person

pytestmark = pytest.mark.django_db

BLOCK = re.compile(
    r"^( *)```(?:python|html)\n *(?:#|<!--) ([\w/.]+)(?: -->)?\n(.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)


def code(page: str) -> dict[str, str]:
    """Return the files that a page shows, by their paths."""
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    return {
        name: re.sub(rf"^{indent}", "", body, flags=re.MULTILINE)
        for indent, name, body in BLOCK.findall(text)
    }


@pytest.mark.slow
@pytest.mark.parametrize("page", ["build-a-page", "claims-and-roles", "background-jobs"])
def test_documented_code_passes_the_linter(page: str) -> None:
    """A reader's first `make lint` finds nothing in what the page says."""
    for name, source in code(page).items():
        # Ruff skips migrations, and project/settings.py is one line of a longer file.
        if name.endswith(".py") and "/migrations/" not in name and "project/" not in name:
            # Without the folder of the application, ruff sees neither its package nor whose it is.
            for command in (("check", "--ignore=I001,INP001", "--quiet"), ("format", "--check")):
                done = subprocess.run(
                    [sys.executable, "-m", "ruff", *command, "--stdin-filename", name, "-"],
                    cwd=ROOT,
                    input=source,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=30,
                )
                assert done.returncode == 0, name + done.stdout + done.stderr


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that makes a module of source text, until the test ends."""

    def make(name: str, source: str) -> Any:
        module: Any = ModuleType(name)
        parent, _, last = name.rpartition(".")
        if parent and parent not in sys.modules:
            make(parent, "")
        monkeypatch.setitem(sys.modules, name, module)
        if parent:
            monkeypatch.setattr(sys.modules[parent], last, module, raising=False)
        exec(compile(source, name, "exec"), vars(module))
        return module

    return make


@pytest.fixture
def reports(modules: Any, settings: Settings, tmp_path: Path) -> dict[str, str]:
    """Add the application of docs/build-a-page.md to the site, and return its files."""
    files = code("build-a-page")
    template = tmp_path / "reports/reports.html"
    template.parent.mkdir()
    template.write_text(files["reports/templates/reports/reports.html"], "utf-8")
    engine: dict[str, Any] = settings.TEMPLATES[0]
    settings.TEMPLATES = [engine | {"DIRS": [*engine.get("DIRS", ()), tmp_path]}]
    modules("reports.views", files["reports/views.py"])
    modules("reports.urls", files["reports/urls.py"])
    urls = modules("documented_urls", "from project.urls import *")
    urls.urlpatterns = [path("", include("reports.urls")), *urls.urlpatterns]
    # It is another module in each test.
    clear_url_caches()
    settings.ROOT_URLCONF = "documented_urls"
    return files


def test_documented_tests_of_a_page_pass(
    reports: dict[str, str], modules: Any, new_browser: NewBrowser
) -> None:
    tests = modules("documented_tests", reports["tests/reports/test_views.py"])
    names = [name for name in vars(tests) if name.startswith("test_")]
    assert len(names) == 3
    for name in names:
        vars(tests)[name](new_browser())


@pytest.mark.usefixtures("reports")
def test_documented_migration_gives_the_right_to_the_group_of_the_pool(
    modules: Any, new_browser: NewBrowser, clock: Clock
) -> None:
    source = code("claims-and-roles")["reports/migrations/0001_editors.py"]
    modules("documented_migration", source).create_group(apps, None)
    assert Group.objects.get(name="editors").permissions.count() == 1

    browser = new_browser()
    browser.signed_in(person := Person(groups=["editors"]))
    assert browser.get("/reports/audit/").status_code == 200
    person.groups = []
    clock.advance(301)
    assert browser.get("/reports/audit/").status_code == 403


def test_documented_adapter_keeps_a_claim_at_each_sign_in_and_renewal(
    modules: Any, settings: Settings, new_browser: NewBrowser, clock: Clock
) -> None:
    kept: list[tuple[object, object]] = []

    class Rows:
        """Stands for the manager of the reader's own model."""

        def update_or_create(self, *, user: User, defaults: dict[str, str]) -> None:
            kept.append((user.sub, defaults["name"]))

    modules("plans.models", "class Plan: pass").Plan.objects = Rows()
    files = code("claims-and-roles")
    modules("plans.users", files["plans/users.py"])
    (adapter,) = re.findall(r'= "(.+)"', files["project/settings.py"])
    settings.GATEHOUSE_USER_ADAPTER = adapter

    browser = new_browser()
    browser.signed_in(person := Person(claims={"custom:plan": "gold"}))
    person.claims = {}
    clock.advance(301)
    assert browser.is_signed_in()
    assert kept == [(person.sub, "gold"), (person.sub, "free")]


def test_documented_command_runs(modules: Any) -> None:
    (source,) = code("background-jobs").values()
    for sub, days in (("away", 366), ("back", 364)):
        signed_in_at = timezone.now() - timedelta(days=days)
        User.objects.create(issuer="https://issuer.example", sub=sub, last_login=signed_in_at)
    away = User.objects.get(sub="away")
    output = StringIO()
    call_command(modules("documented_command", source).Command(), stdout=output)
    assert output.getvalue() == f"{away.pk}: reminded\n"


def test_documented_schedule_names_the_documented_command() -> None:
    text = (ROOT / "docs/background-jobs.md").read_text("utf-8")
    event = json.loads(re.findall(r"```json\n(.+?)\n```", text)[0])
    (file,) = code("background-jobs")
    assert event["function"].rpartition(".")[2] == Path(file).stem
    zappa = json.loads((ROOT / "zappa_settings.json").read_text("utf-8"))
    assert event.keys() == zappa["dev"]["events"][0].keys()
