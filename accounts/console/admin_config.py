"""The app configuration that replaces Django's admin site by GatehouseAdminSite."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class GatehouseAdminConfig(AdminConfig):
    default_site = "accounts.console.site.GatehouseAdminSite"
