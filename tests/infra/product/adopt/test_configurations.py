"""A project whose settings are classes of django-configurations, which loads them by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.product.adopt.upstream import Releases
from tests.infra.product.upstream import Repository
from tests.support.environment import VARIABLES

MANAGE = """\
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "theirs.settings")
os.environ.setdefault("DJANGO_CONFIGURATION", "Local")
from configurations.management import execute_from_command_line

execute_from_command_line(sys.argv)
"""
SETTINGS = """\
from pathlib import Path

from configurations import Configuration, values


class Common(Configuration):
    BASE_DIR = Path(__file__).parents[1]
    SECRET_KEY = values.Value("a-key-of-theirs" * 4, environ_prefix="THEIRS")
    ALLOWED_HOSTS = ["localhost"]
    ROOT_URLCONF = "theirs.urls"
    DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
    STATIC_URL = "static/"
    MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]
    TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ]

    @property
    def INSTALLED_APPS(self):
        names = ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")
        return [f"django.contrib.{name}" for name in names]

    @property
    def DATABASES(self):
        return {
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": self.BASE_DIR / "db.sqlite3",
            }
        }

    @classmethod
    def post_setup(cls):
        super().post_setup()
        print("their own post_setup")


class Local(Common):
    DEBUG = True


class Live(Common):
    LOGIN_REDIRECT_URL = "/admin/"
    SITE_NAME = "Theirs"
"""
FILES = {
    "manage.py": MANAGE,
    "theirs/__init__.py": "",
    "theirs/settings.py": SETTINGS,
    "theirs/urls.py": (
        "from django.contrib import admin\nfrom django.urls import path\n\n"
        'urlpatterns = [path("admin/", admin.site.urls)]\n'
    ),
    ".gitignore": "__pycache__\ndb.sqlite3\n",
}
VISIT = """
from django.conf import settings
from django.core.management import call_command
from django.test import Client

call_command("check")
call_command("migrate", verbosity=0)
client = Client(headers={"Host": "localhost:8000"})
login = client.get("/gatehouse/accounts/login/")
print(login.status_code, login["Location"].partition("?")[0])
print(client.get("/admin/login/").status_code, client.get("/gatehouse/api/v1/me").status_code)
print(settings.GATEHOUSE_HOME, settings.SITE_NAME, settings.INSTALLED_APPS[0])
"""


@pytest.fixture(scope="module")
def theirs(releases: Releases, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    theirs = Repository(tmp_path_factory.mktemp("configurations") / "theirs")
    for path, text in FILES.items():
        theirs.write(path, text)
    theirs.git("init", "--quiet", "--initial-branch=main")
    theirs.commit("A project")
    done = releases.repository.infra("adopt", "--into", str(theirs.directory), "--yes")
    assert done.returncode == 0, done.stderr
    theirs.commit("Adopt")
    return theirs


def run(theirs: Repository, *command: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=theirs.directory,
        env={
            **VARIABLES,
            "PUBLIC_URL": "http://localhost:8000/gatehouse",
            "PATH": os.environ["PATH"],
            **variables,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        # Django's own default for the first of these is an address that the project lacks.
        ("Local", "gatehouse_accounts:profile Gatehouse django.contrib.admin"),
        ("Live", "/admin/ Theirs django.contrib.admin"),
    ],
)
def test_class_of_settings_gets_ours(theirs: Repository, chosen: str, expected: str) -> None:
    shown = run(theirs, "shell", "--command", VISIT, DJANGO_CONFIGURATION=chosen)
    assert "their own post_setup" in shown
    domain = VARIABLES["COGNITO_DOMAIN"]
    assert f"302 {domain}/oauth2/authorize" in shown
    assert "200 401" in shown
    assert expected in shown


def test_command_takes_the_lines_back(
    releases: Releases, theirs: Repository, tmp_path: Path
) -> None:
    copy = Repository(tmp_path / "theirs")
    theirs.git("clone", "--quiet", str(theirs.directory), str(copy.directory))
    done = releases.repository.infra("adopt", "--into", str(copy.directory), "--undo", "--yes")
    assert done.returncode == 0, done.stderr
    assert copy.read("theirs/settings.py") == SETTINGS
