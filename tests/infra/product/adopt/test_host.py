"""Find the parts of projects of many forms."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.errors import InfraError
from infra.product.adopt import host
from infra.product.adopt.host import directory_of
from tests.infra.product.adopt import cookiecutter

MANAGE = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{}")\n'
SETTINGS = 'INSTALLED_APPS = []\nROOT_URLCONF = "site.urls"\n'
NAIVE = f"{SETTINGS}USE_TZ = False\n"
URLS = "urlpatterns = []\n"
CLASS = """
class Common(Configuration):
    INSTALLED_APPS = []
    ROOT_URLCONF = "site.urls"
"""
PROPERTY = """
class Common(Configuration):
    @property
    def INSTALLED_APPS(self):
        return []

    ROOT_URLCONF = "site.urls"
"""
CONFIGURATIONS = "from configurations.management import execute_from_command_line\n"
CONDITIONAL = """
try:
    from .gone import *
except ImportError:
    INSTALLED_APPS = []
ROOT_URLCONF: str = "site.urls"
"""
PLAIN = {
    "manage.py": MANAGE.format("site.settings"),
    "site/settings.py": SETTINGS,
    "site/urls.py": URLS,
}


COMPUTED = """
import os
from decouple import config
os.environ.setdefault("DJANGO_SETTINGS_MODULE", {})
"""


def written(directory: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text)
    return directory


def found(
    directory: Path,
    files: dict[str, str],
    *,
    settings: tuple[str, ...] = (),
    urls: str | None = None,
) -> tuple[list[str], str]:
    """Return the settings modules and the URLconf of a project with these files."""
    written(directory, files)
    _, modules, urlconf = host.parts(directory, settings, urls)
    return (
        [path.relative_to(directory).as_posix() for path in modules],
        urlconf.relative_to(directory).as_posix(),
    )


def test_project_of_startproject_has_one_settings_module(tmp_path: Path) -> None:
    assert found(tmp_path, PLAIN) == (["site/settings.py"], "site/urls.py")


def test_every_loaded_settings_module_of_cookiecutter_django_is_found(tmp_path: Path) -> None:
    modules, urls = found(tmp_path, cookiecutter.FILES)
    assert modules == [f"config/settings/{name}.py" for name in ("local", "production", "test")]
    assert urls == "config/urls.py"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {
                "site/local.py": "DEBUG = True",
                "site/settings.py": f"{SETTINGS}from .local import *",
            },
            ["settings"],
        ),
        ({"site/tests.py": "from .settings import *"}, ["settings", "tests"]),
        ({"site/tests.py": "from site.settings import *"}, ["settings", "tests"]),
        (
            {"site/wsgi.py": MANAGE.format("site.live"), "site/live.py": SETTINGS},
            ["live", "settings"],
        ),
        (
            {"site/settings.py": CONDITIONAL},
            ["settings"],
        ),
        ({"site/settings.py": f"from .settings import *\n{SETTINGS}"}, ["settings"]),
        (
            {
                "site/settings.py": "from .base import INSTALLED_APPS, ROOT_URLCONF",
                "site/base.py": SETTINGS,
            },
            ["settings"],
        ),
        ({"site/defaults.py": "INSTALLED_APPS = []"}, ["settings"]),
        (
            {"manage.py": COMPUTED.format('config("SETTINGS", default="site.settings")')},
            ["settings"],
        ),
    ],
    ids=[
        "local-settings",
        "tests",
        "tests-absolute",
        "wsgi",
        "conditional",
        "circular",
        "imported-names",
        "parts-of-settings",
        "computed-name",
    ],
)
def test_settings_are_found_wherever_they_are(
    tmp_path: Path, files: dict[str, str], expected: list[str]
) -> None:
    assert found(tmp_path, PLAIN | files)[0] == [f"site/{name}.py" for name in expected]


def test_settings_package_is_found(tmp_path: Path) -> None:
    files = {
        "manage.py": MANAGE.format("site.settings"),
        "site/settings/__init__.py": "from .base import *",
        "site/settings/base.py": SETTINGS,
        "site/urls.py": URLS,
    }
    assert found(tmp_path, files)[0] == ["site/settings/__init__.py"]


def test_settings_package_with_a_computed_name_is_found(tmp_path: Path) -> None:
    files = {
        "manage.py": COMPUTED.format("f\"site.settings.{os.environ['STAGE']}\""),
        "site/settings/base.py": SETTINGS,
        "site/settings/dev.py": "from .base import *\nINSTALLED_APPS += ['tools']",
        "site/settings/live.py": "from .base import *",
        "site/urls.py": URLS,
    }
    assert found(tmp_path, files)[0] == ["site/settings/dev.py", "site/settings/live.py"]


@pytest.mark.parametrize("folder", ["src", "services"])
def test_settings_in_a_folder_that_manage_py_adds_to_the_path_are_found(
    tmp_path: Path, folder: str
) -> None:
    path = f'sys.path.insert(0, str(BASE / "{folder}"))\n'
    files = {
        "manage.py": path + PLAIN["manage.py"],
        f"{folder}/site/settings.py": SETTINGS,
        f"{folder}/site/wsgi.py": MANAGE.format("site.live"),
        f"{folder}/site/live.py": "from site.settings import *",
        f"{folder}/site/urls.py": URLS,
    }
    modules, urls = found(tmp_path, files)
    assert modules == [f"{folder}/site/live.py", f"{folder}/site/settings.py"]
    assert urls == f"{folder}/site/urls.py"


@pytest.mark.parametrize(
    "files",
    [
        {"site/settings.py": SETTINGS.replace('"site.urls"', 'env("URLS", default="site.urls")')},
        {"site/urls.py": "from .web import urlpatterns", "site/web.py": URLS},
        {"site/urls.py": "urlpatterns = ()\nurlpatterns += i18n_patterns(path('', view))"},
    ],
    ids=["default", "imported", "several statements"],
)
def test_urlconf_is_found(tmp_path: Path, files: dict[str, str]) -> None:
    assert found(tmp_path, PLAIN | files)[1] == "site/urls.py"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"site/settings.py": CLASS}, ["settings"]),
        ({"site/settings.py": PROPERTY}, ["settings"]),
        (
            {
                "site/common.py": CLASS,
                "site/settings.py": "from .common import Common\nclass Local(Common): ...",
                "site/testing.py": "from site.common import Common\nclass Test(Common): ...",
                "site/celery.py": "from .settings import Local",
            },
            ["settings", "testing"],
        ),
        (
            {
                "site/settings.py": "from .local import Local\nfrom .live import Live",
                "site/common.py": CLASS,
                "site/local.py": "from .common import Common\nclass Local(Common): ...",
                "site/live.py": "from .common import Common\nclass Live(Common): ...",
            },
            ["settings"],
        ),
    ],
    ids=["one", "property", "modules", "package"],
)
def test_modules_of_django_configurations_are_found(
    tmp_path: Path, files: dict[str, str], expected: list[str]
) -> None:
    manage = {"manage.py": PLAIN["manage.py"] + CONFIGURATIONS}
    modules, urls = found(tmp_path, PLAIN | files | manage)
    assert modules == [f"site/{name}.py" for name in expected]
    assert urls == "site/urls.py"


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"manage.py": "print()"}, "manage.py names no settings module that exists here"),
        ({"manage.py": MANAGE.format("site.gone")}, "manage.py names no settings module"),
        (
            {"site/settings.py": "include('apps.py')"},
            "name it with --settings-file site/settings.py, and name the root URLconf",
        ),
        (
            {"site/tests.py": "from .settings import *", "site/settings.py": NAIVE},
            "USE_TZ is False in site/settings.py",
        ),
        ({"site/settings.py": CLASS}, "INSTALLED_APPS of site/settings.py is in a class"),
        ({"site/settings.py": "INSTALLED_APPS = ["}, "settings.py:1 is malformed Python"),
        ({"site/settings.py": "INSTALLED_APPS = []"}, "ROOT_URLCONF names no file here"),
        ({"site/urls.py": "patterns = []"}, "has no urlpatterns"),
        (
            {
                "site/tests.py": "from .settings import *\nROOT_URLCONF = 'site.others'",
                "site/others.py": URLS,
            },
            "ROOT_URLCONF names more than one file: site/others.py, site/urls.py",
        ),
    ],
    ids=[
        "no-name",
        "gone",
        "no-apps",
        "no-time-zones",
        "a-class",
        "malformed",
        "no-urls",
        "no-patterns",
        "two-urls",
    ],
)
def test_what_is_ambiguous_or_missing_is_asked_for(
    tmp_path: Path, files: dict[str, str], problem: str
) -> None:
    with pytest.raises(InfraError, match=problem):
        found(tmp_path, PLAIN | files)


def test_answers_take_the_place_of_what_is_found(tmp_path: Path) -> None:
    files = {"site/settings.py": "include('apps.py')", "site/others.py": URLS}
    answers = found(tmp_path, PLAIN | files, settings=("site/settings.py",), urls="site/others.py")
    assert answers == (["site/settings.py"], "site/others.py")
    for path in ("site/gone.py", "../outside.py"):
        with pytest.raises(InfraError, match="There is no file"):
            found(tmp_path, {}, settings=(path,), urls="site/others.py")


def test_only_manage_py_below_a_folder_is_found(tmp_path: Path) -> None:
    written(
        tmp_path, {"backend/manage.py": "", "node_modules/x/manage.py": "", ".venv/manage.py": ""}
    )
    assert directory_of(tmp_path) == tmp_path / "backend"
    written(tmp_path, {"other/manage.py": ""})
    with pytest.raises(InfraError, match=r"more than one manage\.py"):
        directory_of(tmp_path)
    with pytest.raises(InfraError, match=r"There is no manage\.py"):
        directory_of(written(tmp_path / "empty", {"a": ""}))
