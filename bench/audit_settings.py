"""The whole application on the database of the benchmark, for a pool that nobody asks."""

from __future__ import annotations

import os

# The front page looks whether the user pool answers: here it does not, and at once.
os.environ["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

from bench.settings import *  # noqa: F403 - these are settings, with a few changed
from project.databases.configuration import database_configuration

ROOT_URLCONF = "project.urls"
ALLOWED_HOSTS = ["testserver"]
DATABASES = {"default": database_configuration(os.environ["BENCH_DATABASE_URL"])}
# Nobody has run collectstatic.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
