"""The addresses of the console. The first request for one of them loads this module."""

from __future__ import annotations

from django.contrib import admin

# Importing the modules `admin` of all applications registers their pages.
admin.autodiscover()

urlpatterns = admin.site.get_urls()
