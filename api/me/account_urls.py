"""Paths of the caller's account in the user pool, below /api/v1/me/."""

from __future__ import annotations

from django.urls import path

from api.me.passkeys import OnePasskeyView, PasskeysView
from api.me.password import PasswordView
from api.me.profile import ConfirmEmailView, ProfileView
from api.me.sessions import SessionsView, SessionView
from api.me.totp import TOTPView

urlpatterns = [
    path("profile", ProfileView.as_view(), name="profile"),
    path("profile/confirm-email", ConfirmEmailView.as_view(), name="confirm-email"),
    path("password", PasswordView.as_view(), name="password"),
    path("mfa/totp", TOTPView.as_view(), name="totp"),
    path("passkeys", PasskeysView.as_view(), name="passkeys"),
    path("passkeys/<str:passkey_id>", OnePasskeyView.as_view(), name="passkey"),
    path("sessions", SessionsView.as_view(), name="sessions"),
    path("sessions/<uuid:pk>", SessionView.as_view(), name="session"),
]
