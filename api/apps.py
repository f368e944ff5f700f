"""The configuration of the API."""

from __future__ import annotations

from django.apps import AppConfig


class APIConfig(AppConfig):
    name = __name__.rpartition(".")[0]
    # It has no tables. Many projects have an application `api`.
    label = "gatehouse_api"
