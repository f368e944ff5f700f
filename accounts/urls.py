"""Addresses of the browser's side."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from accounts.branding import marks, stylesheets
from accounts.language import views as language
from accounts.own_account import pages
from accounts.postponed_urls import PostponedView
from accounts.sign_in import confirmation
from accounts.sign_in import views as sign_in
from accounts.sign_out import views as sign_out

# The pages of a user's own account, which most processes never serve.
_DATA = "accounts.own_account.data_pages"
_DEVICES = "accounts.own_account.device_pages"
_PASSWORD = "accounts.own_account.password_page"  # noqa: S105 # a module
_PROFILE = "accounts.own_account.profile_pages"
_SECOND_FACTOR = "accounts.own_account.second_factor"
_SIGN_IN_METHODS = "accounts.own_account.sign_in_methods"

accounts_patterns = (
    [
        path("login/", sign_in.login, name="login"),
        path("sign-up/", sign_in.sign_up, name="sign-up"),
        path("confirm/", confirmation.confirm, name="confirm"),
        path("callback/", sign_in.callback, name="callback"),
        path("logout/", sign_out.sign_out, name="logout"),
        path("logged-out/", pages.logged_out, name="logged-out"),
        path("language/", language.choose, name="language"),
        PostponedView("profile/", _PROFILE, "profile", name="profile"),
        PostponedView("profile/name/", _PROFILE, "change_name", name="name"),
        PostponedView("profile/email/", _PROFILE, "change_email", name="email"),
        PostponedView("profile/phone/", _PROFILE, "change_phone", name="phone"),
        PostponedView("profile/verify/", _PROFILE, "verify", name="verify"),
        PostponedView("profile/code/", _PROFILE, "confirm_code", name="confirm-code"),
        PostponedView("profile/password/", _PASSWORD, "password", name="password"),
        PostponedView("profile/devices/", _DEVICES, "devices", name="devices"),
        PostponedView("profile/data/", _DATA, "data", name="data"),
        PostponedView("profile/data/download/", _DATA, "download", name="download"),
        PostponedView("profile/delete/", _DATA, "delete", name="delete"),
        PostponedView(
            "profile/sign-in-methods/", _SIGN_IN_METHODS, "sign_in_methods", name="sign-in-methods"
        ),
        PostponedView("profile/passkeys/add/", _SIGN_IN_METHODS, "add_passkey", name="add-passkey"),
        PostponedView(
            "profile/passkeys/remove/", _SIGN_IN_METHODS, "remove_passkey", name="remove-passkey"
        ),
        PostponedView("second-factor/", _SECOND_FACTOR, "second_factor", name="second-factor"),
        PostponedView("second-factor/app/", _SECOND_FACTOR, "set_up", name="second-factor-set-up"),
        PostponedView(
            "second-factor/app/confirm/", _SECOND_FACTOR, "confirm", name="second-factor-confirm"
        ),
        PostponedView("second-factor/off/", _SECOND_FACTOR, "switch_off", name="second-factor-off"),
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
