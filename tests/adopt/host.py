"""A Django project that adopts Gatehouse.

`startproject` makes it in a directory of the test.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.environment import VARIABLES

ROOT = Path(__file__).parents[2]
PREFIX = "/gatehouse"
PUBLIC_URL = f"http://localhost:8000{PREFIX}"
SETTINGS = """
from project.adopted_settings import gatehouse_settings

globals().update(gatehouse_settings(globals()))
"""
URLS = """
from django.http import HttpResponse
from django.urls import include
from rest_framework.decorators import api_view
from rest_framework.response import Response


@api_view()
def theirs(request):
    return Response({"user": str(request.user)})


urlpatterns += [
    path("gatehouse/", include("project.adopted_urls")),
    path("api/theirs", theirs),
    path("", lambda request: HttpResponse(f"user: {request.user.pk}")),
]
"""
# A custom user model with a UUID as its key, and an address instead of a user name.
CUSTOMER = """
import uuid

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models


class CustomerManager(UserManager):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save()
        return user


class Customer(AbstractUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    username = None
    email = models.EmailField(unique=True)
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = CustomerManager()


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
"""
ADAPTER = """
from accounts.identity.adapter import LinkedUsers


class Following(LinkedUsers):
    rights_follow_groups = True
"""

COMMANDS = """
import django
from django.core.management import call_command

django.setup()
for command in {commands!r}:
    call_command(*command)
"""


@dataclass(frozen=True)
class Host:
    """The project `theirs` in `directory`."""

    directory: Path

    def append(self, path: str, text: str) -> None:
        with (self.directory / path).open("a", encoding="utf-8") as file:
            file.write(text)

    def run(self, *command: str, expect: int = 0, **variables: str) -> str:
        """Run Python in the project, and return its output."""
        finished = subprocess.run(
            [sys.executable, *command],
            cwd=self.directory,
            env={
                **VARIABLES,
                "PUBLIC_URL": PUBLIC_URL,
                "PYTHONPATH": f"{self.directory}:{ROOT}",
                "DJANGO_SETTINGS_MODULE": "theirs.settings",
                "PATH": "",
                **variables,
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert finished.returncode == expect, finished.stdout + finished.stderr
        return finished.stdout + finished.stderr

    def manage(self, *arguments: str, expect: int = 0, **variables: str) -> str:
        return self.run("manage.py", *arguments, expect=expect, **variables)

    def manage_each(self, *commands: Sequence[str]) -> str:
        """Run commands of manage.py in one process, because Django takes a second to start."""
        return self.run("-c", COMMANDS.format(commands=commands))

    def visit(self) -> dict[str, Any]:
        """Run the scenarios of tests.adopt.visits. Return what each of them found."""
        output = self.run("-m", "tests.adopt.visits")
        found = next(line for line in output.splitlines() if line.startswith("found: "))
        answers: dict[str, Any] = json.loads(found.removeprefix("found: "))
        return answers

    def adopt(self) -> None:
        """Add Gatehouse as docs/adopt.md describes, and migrate."""
        self.append("theirs/settings.py", SETTINGS)
        self.append("theirs/urls.py", URLS)
        (self.directory / "theirs/adapter.py").write_text(ADAPTER, encoding="utf-8")
        self.manage("migrate", "--verbosity=0")


def start_project(directory: Path, *, settings: str = "") -> Host:
    """Make a project without tables, before it adopts anything."""
    host = Host(directory)
    directory.mkdir()
    host.run("-m", "django", "startproject", "theirs", ".", DJANGO_SETTINGS_MODULE="")
    # A fast hash, because each scenario creates users with passwords.
    host.append(
        "theirs/settings.py",
        'PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]\n' + settings,
    )
    return host


def with_django_users(directory: Path) -> Host:
    """Make a project with `auth.User`, and its tables."""
    host = start_project(directory)
    host.manage("migrate", "--verbosity=0")
    return host


def with_customers(directory: Path) -> Host:
    """Make a project with a user model of its own, and its tables."""
    host = start_project(
        directory,
        settings='INSTALLED_APPS.append("shop")\nAUTH_USER_MODEL = "shop.Customer"\n',
    )
    host.run("-m", "django", "startapp", "shop", DJANGO_SETTINGS_MODULE="")
    (directory / "shop/models.py").write_text(CUSTOMER, encoding="utf-8")
    host.manage_each(("makemigrations", "--verbosity=0", "shop"), ("migrate", "--verbosity=0"))
    return host
