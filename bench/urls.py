"""The views that the benchmark asks for, at addresses like the API's own."""

from __future__ import annotations

from django.urls import path

from bench import views

urlpatterns = [
    path("api/v1/open", views.Open.as_view()),
    path("api/v1/protected", views.Protected.as_view()),
    path("api/v1/plain", views.Plain.as_view()),
    path("api/v1/plain-with-look-up", views.PlainWithLookUp.as_view()),
]
