"""The page on which users change their password, or set their first one."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.own_account.access import account_page, own_account, owner_of
from accounts.own_account.form_pages import Failure, form_page, submit
from accounts.own_account.forms import PasswordForm
from accounts.own_account.password_change import change_password
from accounts.sign_out.views import end_others
from accounts.step_up.guards import recent_authentication
from accounts.step_up.kept_forms import kept_values
from cognito.user_pool.auth_factors import auth_factors
from cognito.user_pool.challenges import PASSWORD


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
@recent_authentication()
def password(request: HttpRequest) -> HttpResponse:
    """Change the password, and sign out the user's other devices unless the user keeps them.

    A user who signs in without a password sets one without an old one. The pool says whether there
    is one, because a form could leave it out.
    """
    account = own_account(request)
    has_password = PASSWORD in auth_factors(account.service, account.access_token).first
    if request.method != "POST":
        kept = kept_values(request)
        initial = {} if kept is None else {"ends_others": "ends_others" in kept}
        return _page(request, PasswordForm(has_password=has_password, initial=initial))
    form = PasswordForm(request.POST, has_password=has_password)
    if not form.is_valid():
        return _page(request, form)
    given = form.cleaned_data
    owner = replace(owner_of(request), pool=lambda: account)
    failure = submit(
        form,
        lambda: change_password(owner, old=given.get("old_password"), new=given["new_password"]),
        field="new_password",
    )
    if failure is not None:
        return _page(request, form, failure)
    if given["ends_others"]:
        end_others(request)
        messages.success(request, _("Changed your password, and signed out your other devices."))
    else:
        messages.success(request, _("Changed your password."))
    return redirect("accounts:sign-in-methods")


def _page(request: HttpRequest, form: PasswordForm, failure: Failure | None = None) -> HttpResponse:
    least = settings.COGNITO_PASSWORD_MIN_LENGTH
    return form_page(request, "gatehouse/password.html", form, failure, least=least)
