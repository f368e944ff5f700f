"""The paths of this application, which another project can include below a prefix."""

from __future__ import annotations

from django.conf import settings
from django.shortcuts import resolve_url


def own_path(path: str) -> str:
    """Return the `path_info` of an address of ours, such as `api/`.

    GATEHOUSE_PREFIX is the path at which a project includes our addresses:
    `/gatehouse/`, for example.
    """
    prefix: str = getattr(settings, "GATEHOUSE_PREFIX", "/")
    return prefix + path


def home_url() -> str:
    """Return the address to which a sign-in leads.

    That is GATEHOUSE_HOME, or else LOGIN_REDIRECT_URL.
    """
    return resolve_url(getattr(settings, "GATEHOUSE_HOME", settings.LOGIN_REDIRECT_URL))
