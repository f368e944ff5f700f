"""Paths of the OpenAPI document and its page, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from api.openapi import views

urlpatterns = [
    path("schema", views.schema, name="schema"),
    path("docs", views.docs, name="docs"),  # only with docs-page
    path("docs/signed-in", views.signed_in, name="docs-signed-in"),  # only with docs-page
]
