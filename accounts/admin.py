"""Registers the pages of the console, if the admin of this project is the console."""

from __future__ import annotations

from django.contrib import admin

from accounts.console.site import GatehouseAdminSite

# A project with an admin of its own keeps it as it is. Its pages have other rules than ours.
if isinstance(admin.site, GatehouseAdminSite):
    from accounts.console import local_users  # noqa: F401 # registers itself
