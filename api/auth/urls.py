"""Paths of sign-up and sign-in without a browser, below /api/v1/auth/."""

from __future__ import annotations

from django.urls import path

from api.auth.password import ForgotPasswordView, ResetPasswordView
from api.auth.sign_in import ChallengeView, SignInView
from api.auth.sign_up import ConfirmView, ResendCodeView, SignUpView
from api.auth.tokens import RefreshView, SignOutEverywhereView, SignOutView

urlpatterns = [
    path("sign-up", SignUpView.as_view(), name="sign-up"),
    path("confirm", ConfirmView.as_view(), name="confirm"),
    path("resend-code", ResendCodeView.as_view(), name="resend-code"),
    path("sign-in", SignInView.as_view(), name="sign-in"),
    path("challenge", ChallengeView.as_view(), name="challenge"),
    path("refresh", RefreshView.as_view(), name="refresh"),
    path("sign-out", SignOutView.as_view(), name="sign-out"),
    path("sign-out-everywhere", SignOutEverywhereView.as_view(), name="sign-out-everywhere"),
    path("forgot-password", ForgotPasswordView.as_view(), name="forgot-password"),
    path("reset-password", ResetPasswordView.as_view(), name="reset-password"),
]
