"""Paths of the caller's identity and account, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from api.me.passkeys import OnePasskeyView, PasskeysView
from api.me.password import PasswordView
from api.me.profile import ConfirmEmailView, ProfileView
from api.me.sessions import SessionsView, SessionView
from api.me.totp import TOTPView
from api.me.views import MeView

urlpatterns = [
    path("me", MeView.as_view(), name="me"),
    path("me/profile", ProfileView.as_view(), name="me-profile"),
    path("me/profile/confirm-email", ConfirmEmailView.as_view(), name="me-confirm-email"),
    path("me/password", PasswordView.as_view(), name="me-password"),
    path("me/mfa/totp", TOTPView.as_view(), name="me-totp"),
    path("me/passkeys", PasskeysView.as_view(), name="me-passkeys"),
    path("me/passkeys/<str:passkey_id>", OnePasskeyView.as_view(), name="me-passkey"),
    path("me/sessions", SessionsView.as_view(), name="me-sessions"),
    path("me/sessions/<uuid:pk>", SessionView.as_view(), name="me-session"),
]
