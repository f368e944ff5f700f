"""The application that lets `manage.py check` read the setting `COGNITO`. It has no models."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from cognito_drf.configuration import configuration


class CognitoConfig(AppConfig):
    """`"cognito_drf"` in `INSTALLED_APPS`."""

    name = "cognito_drf"

    def ready(self) -> None:
        register(check_setting)


def check_setting(**_: Any) -> list[CheckMessage]:
    """Report a setting with which the first request that has a token would fail."""
    try:
        configuration()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="cognito_drf.E001")]
    return []
