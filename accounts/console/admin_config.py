"""Django's admin, entered through the hosted UI."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class GatehouseAdminConfig(AdminConfig):
    default_site = "accounts.console.site.GatehouseAdminSite"
