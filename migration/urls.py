from __future__ import annotations

from django.urls import path

from migration.views import check

app_name = "gatehouse_migration"
urlpatterns = [path("", check, name="check")]
