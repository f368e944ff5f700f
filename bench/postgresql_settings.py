"""Settings of the whole application on the benchmark database, without a user pool."""

from __future__ import annotations

import os

# The admin's front page calls the user pool. This address refuses the connection immediately.
os.environ["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

from bench.settings import *  # noqa: F403 - these are settings, with a few changed
from project.databases.configuration import database_configuration

ROOT_URLCONF = "project.urls"
ALLOWED_HOSTS = ["testserver"]
DATABASES = {"default": database_configuration(os.environ["BENCH_DATABASE_URL"])}
# The benchmark does not run collectstatic, so there is no manifest of static files.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
