"""Build and unpack the bundles whose cold starts are compared.

They are the bundle that `infra deploy` builds, a stock Zappa bundle of the same application, and a
bare Django project in a bundle that is built like ours.
"""

from __future__ import annotations

import calendar
import json
import os
import shutil
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from infra.deploy.bundle.bundle import Bundle, build
from infra.deploy.bundle.packages import compile_all, prepare_packages, site_packages
from infra.deploy.zappa.zappa import zappa
from infra.environments import APP, ROOT
from infra.progress import run_step

SOURCES = ("accounts", "api", "cognito", "locale", "project")
# The module that converts events into requests, and the only module that it imports.
GATEWAY_EVENT = (
    Path("project", "aws_lambda", "gateway_event.py"),
    Path("project", "environment", "trusted_proxy.py"),
)

# A project like that of `django-admin startproject`, with one view and PostgreSQL.
BARE = """
import json
import django
from django.conf import settings
from django.http import JsonResponse
from django.urls import path
from django.core.wsgi import get_wsgi_application
from project.aws_lambda.gateway_event import gateway_answer, wsgi_environ

settings.configure(
    SECRET_KEY="x" * 50,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib." + name for name in (
        "admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
                "OPTIONS": {"context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages"]}}],
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "none"}},
)
application = get_wsgi_application()
from django.contrib import admin
urlpatterns = [path("admin/", admin.site.urls),
               path("api/v1/me", lambda request: JsonResponse({}, status=401))]


def handler(event, context):
    begun = []
    answer = application(wsgi_environ(event, prefix=""), lambda *args: begun.append(args))
    body = b"".join(answer)
    answer.close()
    return gateway_answer(event, status=begun[0][0], headers=begun[0][1], body=body)
"""


@dataclass(frozen=True)
class Unpacked:
    """An unpacked bundle. Lambda calls its `handler`."""

    directory: Path
    handler: str


def build_ours(directory: Path) -> tuple[Unpacked, Bundle]:
    bundle = build(directory / "ours")
    unpacked = directory / "ours-unpacked"
    _unpack(bundle.path, unpacked)
    return Unpacked(unpacked, "project.lambda_entry.handler"), bundle


def build_stock(directory: Path) -> tuple[Unpacked, Path]:
    """Run `zappa package` on all locked packages, with the settings that `zappa init` writes."""
    environment = directory / "stock-environment"
    target = site_packages(environment)
    run_step(
        "Installing the locked packages of the stock bundle",
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-input", "--no-deps", "--require-hashes", "--target", str(target)),
            *("-r", str(APP.lock_files[0])),
        ],
        name="pip",
        log=directory / "pip.log",
    )
    source = directory / "stock-source"
    for name in SOURCES:
        shutil.copytree(ROOT / name, source / name)
    (source / "project" / "version.txt").write_text("0", "utf-8")
    settings = directory / "stock.json"
    application = {"app_function": "project.wsgi.application", "aws_region": "eu-west-1"}
    settings.write_text(json.dumps({"dev": {"project_name": "stock", **application}}))
    packed = directory / "stock.zip"
    zappa(
        "Packing the stock bundle",
        ["package", "dev", "-o", str(packed)],
        directory=source,
        log=directory / "stock.log",
        settings=settings,
        environment={"VIRTUAL_ENV": str(environment), "AWS_DEFAULT_REGION": "eu-west-1"},
    )
    unpacked = directory / "stock-unpacked"
    _unpack(packed, unpacked)
    # infra/deploy/zappa/zappa_cli.py does not compress.
    compressed = shutil.make_archive(str(directory / "stock-compressed"), "zip", unpacked)
    return Unpacked(unpacked, "handler.lambda_handler"), Path(compressed)


def build_bare(directory: Path) -> Unpacked:
    """Build the bare project with valid bytecode, without boto3, and with our event module."""
    unpacked = directory / "bare-unpacked"
    shutil.copytree(site_packages(prepare_packages()), unpacked)
    for module in GATEWAY_EVENT:
        (unpacked / module).parent.mkdir(parents=True)
        shutil.copy(ROOT / module, unpacked / module)
    (unpacked / "bare.py").write_text(BARE)
    compile_all(unpacked, log=directory / "bare.log")
    return Unpacked(unpacked, "bare.handler")


def _unpack(packed: Path, directory: Path) -> None:
    """Unpack with the dates of the archive, as Lambda does.

    `zipfile` alone sets the current time, which makes the bytecode out of date.
    """
    with zipfile.ZipFile(packed) as archive:
        for entry in archive.infolist():
            date = calendar.timegm((*entry.date_time, 0, 0, 0))
            os.utime(archive.extract(entry, directory), (date, date))
