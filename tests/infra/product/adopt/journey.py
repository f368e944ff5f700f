"""A project of others: its files, its tables, and its server."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from infra.local.demo import OPERATOR
from infra.local.django import process_environment
from infra.local.ports import LOOPBACK, is_answering
from infra.processes import Child
from tests.infra.product.adopt.pool import Pool
from tests.infra.product.adopt.projects import Project
from tests.infra.product.upstream import Repository

PASSWORD = "an old phrase of words"
MAKE = """
from django.contrib.auth import get_user_model
from django.core.management import call_command

if {app!r}:
    call_command("makemigrations", {app!r}, verbosity=0)
call_command("migrate", verbosity=0)
name = {{}} if get_user_model().USERNAME_FIELD == "email" else {{"username": "boss"}}
get_user_model().objects.create_superuser(email={email!r}, password={password!r}, **name)
"""
ADOPT = """
from django.core.management import call_command
from django.urls import resolve

call_command("check")
call_command("makemigrations", check_changes=True, dry_run=True)
call_command("migrate", verbosity=0)
call_command("link_identities", apply=True, include_staff=True)

# What our views count and use up stays if they answer with an error, in spite of ATOMIC_REQUESTS.
for path in ("accounts/callback/", "api/v1/auth/sign-in"):
    view = resolve(f"/gatehouse/{path}").func
    assert (view._non_atomic_requests, view.login_required) == ({"default"}, False)
"""
GO_BACK = """
from django.core.management import call_command

call_command("check")
call_command("migrate", verbosity=0)
call_command("migrate", "gatehouse_accounts", "zero", verbosity=0)
call_command("migrate", "gatehouse_identity", "zero", verbosity=0)
"""
AFTERWARDS = """
from django.core.management import call_command

call_command("check")
call_command("remove_stale_contenttypes", include_stale_apps=True, interactive=False, verbosity=0)
call_command("migrate", check_unapplied=True)
"""
# They change with each sign-in and each migration.
NOT_KEPT = {"django_session", "sqlite_sequence", "django_migrations"}
Rows = Mapping[str, list[Any]]


class Theirs:
    """A project in a directory, with its tables."""

    def __init__(self, directory: Path, project: Project, pool: Pool) -> None:
        self.directory, self.project, self.pool = directory, project, pool
        self.repository = Repository(directory)
        self.database = directory / "db.sqlite3"
        directory.mkdir()
        if project.start:
            self._run("-m", "django", "startproject", "theirs", ".")
        for path, text in project.files.items():
            self.repository.write(path, text)
        for path, text in project.more.items():
            self.repository.write(path, self.repository.read(path) + text)
        self.repository.write(".gitignore", "__pycache__\ndb.sqlite3\n*.mo\n.env*\n")
        program = MAKE.format(app=project.app, email=OPERATOR.email, password=PASSWORD)
        self.run(program + project.rows)
        self.repository.git("init", "--quiet", "--initial-branch=main")
        self.repository.commit("A project")

    def run(self, program: str) -> str:
        return self._run("manage.py", "shell", "--command", program)

    def rows(self) -> Rows:
        """Return the rows of all tables, without the time of the last sign-in."""
        with closing(sqlite3.connect(self.database)) as connection:
            connection.row_factory = sqlite3.Row
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return {
                name: sorted(
                    (
                        {key: row[key] for key in row.keys() if key != "last_login"}  # noqa: SIM118
                        for row in connection.execute(f'SELECT * FROM "{name}"')
                    ),
                    key=repr,
                )
                for (name,) in names.fetchall()
                if name not in NOT_KEPT
            }

    def schema(self) -> set[str]:
        with closing(sqlite3.connect(self.database)) as connection:
            return {str(sql) for (sql,) in connection.execute("SELECT sql FROM sqlite_master")}

    @contextmanager
    def served(self, log: Path) -> Iterator[None]:
        """Run the server of development until the block ends."""
        port = self.pool.port
        command = [sys.executable, "manage.py", "runserver", "--noreload", f"{LOOPBACK}:{port}"]
        child = Child.start(
            "The project", command, log=log, environment=self.environment, directory=self.directory
        )
        try:
            child.wait_until(lambda: is_answering(port, "/gatehouse/site.css"), seconds=60)
            yield
        finally:
            child.stop(seconds=5)

    @property
    def environment(self) -> dict[str, str]:
        # Only cookiecutter-django reads these.
        own = {"DATABASE_URL": f"sqlite:///{self.database}", "DJANGO_DEBUG": "true"}
        return process_environment({**self.pool.variables, **own})

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
