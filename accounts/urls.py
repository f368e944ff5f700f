"""Addresses of the browser's side."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from accounts.branding import marks, stylesheets
from accounts.language import views as language
from accounts.own_account import (
    data_pages,
    device_pages,
    pages,
    password_page,
    profile_pages,
    second_factor,
    sign_in_methods,
)
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
        path("profile/", profile_pages.profile, name="profile"),
        path("profile/name/", profile_pages.change_name, name="name"),
        path("profile/email/", profile_pages.change_email, name="email"),
        path("profile/phone/", profile_pages.change_phone, name="phone"),
        path("profile/verify/", profile_pages.verify, name="verify"),
        path("profile/code/", profile_pages.confirm_code, name="confirm-code"),
        path("profile/password/", password_page.password, name="password"),
        path("profile/devices/", device_pages.devices, name="devices"),
        path("profile/data/", data_pages.data, name="data"),
        path("profile/data/download/", data_pages.download, name="download"),
        path("profile/delete/", data_pages.delete, name="delete"),
        path("profile/sign-in-methods/", sign_in_methods.sign_in_methods, name="sign-in-methods"),
        path("profile/passkeys/add/", sign_in_methods.add_passkey, name="add-passkey"),
        path("profile/passkeys/remove/", sign_in_methods.remove_passkey, name="remove-passkey"),
        path("second-factor/", second_factor.second_factor, name="second-factor"),
        path("second-factor/app/", second_factor.set_up, name="second-factor-set-up"),
        path("second-factor/app/confirm/", second_factor.confirm, name="second-factor-confirm"),
        path("second-factor/off/", second_factor.switch_off, name="second-factor-off"),
        path("sessions/<uuid:pk>/end/", sign_out.end_session, name="end-session"),
        path("sessions/end-others/", sign_out.end_other_sessions, name="end-other-sessions"),
        path("sessions/end-all/", sign_out.end_all_sessions, name="end-all-sessions"),
    ],
    "accounts",
)

# A project that includes these has a front page of its own.
included_patterns: list[URLPattern | URLResolver] = [
    path("site.css", marks.stylesheet, name="gatehouse-stylesheet"),
    path("styles/<slug:kind>.css", stylesheets.view, name="gatehouse-styles"),
    path("site.svg", marks.icon, name="gatehouse-icon"),
    path("accounts/", include(accounts_patterns)),
]

urlpatterns = [path("", pages.home, name="home"), *included_patterns]
