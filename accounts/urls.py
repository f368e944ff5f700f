"""Addresses of the browser's side."""

from __future__ import annotations

from django.urls import include, path

from accounts.branding import marks
from accounts.language import views as language
from accounts.own_account import pages, second_factor, sign_in_methods
from accounts.sign_in import confirmation
from accounts.sign_in import views as sign_in
from accounts.sign_out import views as sign_out

accounts_patterns = (
    [
        path("login/", sign_in.login, name="login"),
        path("sign-up/", sign_in.sign_up, name="sign-up"),
        path("confirm/", confirmation.confirm, name="confirm"),
        path("callback/", sign_in.callback, name="callback"),
        path("logout/", sign_out.sign_out, name="logout"),
        path("logged-out/", pages.logged_out, name="logged-out"),
        path("language/", language.choose, name="language"),
        path("profile/", pages.profile, name="profile"),
        path("profile/sign-in-methods/", sign_in_methods.sign_in_methods, name="sign-in-methods"),
        path("profile/passkeys/add/", sign_in_methods.add_passkey, name="add-passkey"),
        path("profile/passkeys/remove/", sign_in_methods.remove_passkey, name="remove-passkey"),
        path("second-factor/", second_factor.second_factor, name="second-factor"),
        path("second-factor/app/", second_factor.set_up, name="second-factor-set-up"),
        path("second-factor/app/confirm/", second_factor.confirm, name="second-factor-confirm"),
        path("second-factor/off/", second_factor.switch_off, name="second-factor-off"),
        path("sessions/<uuid:pk>/end/", sign_out.end_session, name="end-session"),
        path("sessions/end-all/", sign_out.end_all_sessions, name="end-all-sessions"),
    ],
    "accounts",
)

urlpatterns = [
    path("", pages.home, name="home"),
    path("site.css", marks.stylesheet, name="site-stylesheet"),
    path("site.svg", marks.icon, name="site-icon"),
    path("accounts/", include(accounts_patterns)),
]
