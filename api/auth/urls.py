"""Paths of sign-up and sign-in without a browser, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from api.auth.password import ForgotPasswordView, ResetPasswordView
from api.auth.sign_in import ChallengeView, SignInView
from api.auth.sign_up import ConfirmView, ResendCodeView, SignUpView
from api.auth.tokens import RefreshView, SignOutEverywhereView, SignOutView

urlpatterns = [
    path("auth/sign-up", SignUpView.as_view(), name="auth-sign-up"),
    path("auth/confirm", ConfirmView.as_view(), name="auth-confirm"),
    path("auth/resend-code", ResendCodeView.as_view(), name="auth-resend-code"),
    path("auth/sign-in", SignInView.as_view(), name="auth-sign-in"),
    path("auth/challenge", ChallengeView.as_view(), name="auth-challenge"),
    path("auth/refresh", RefreshView.as_view(), name="auth-refresh"),
    path("auth/sign-out", SignOutView.as_view(), name="auth-sign-out"),
    path(
        "auth/sign-out-everywhere",
        SignOutEverywhereView.as_view(),
        name="auth-sign-out-everywhere",
    ),
    path("auth/forgot-password", ForgotPasswordView.as_view(), name="auth-forgot-password"),
    path("auth/reset-password", ResetPasswordView.as_view(), name="auth-reset-password"),
]
