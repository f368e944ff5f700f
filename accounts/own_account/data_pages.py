"""Pages on which users download their data and delete their account."""

from __future__ import annotations

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import conf
from accounts.audit import trail
from accounts.not_allowed import LastSuperuser
from accounts.own_account.access import (
    SessionEnded,
    account_page,
    account_problem,
    own_account,
    owner_of,
)
from accounts.own_account.deletion import delete_account, finish_deletion
from accounts.own_account.form_pages import form_page, submit
from accounts.own_account.forms import DeletionForm
from accounts.own_account.own_data import own_data
from accounts.rate_limits.limits import DATA_DOWNLOADS, account_name, count_account
from accounts.sessions import browser_sessions
from accounts.sessions.guards import sign_in_required, signed_in_user
from accounts.step_up.guards import recent_authentication
from accounts.step_up.kept_forms import initial_of
from cognito.hosted_ui.endpoints import logout_url


@require_safe
@sign_in_required
def data(request: HttpRequest) -> HttpResponse:
    """Offer the download and the deletion, and say what each of them means."""
    return render(request, "gatehouse/data.html")


@require_POST
@account_page
def download(request: HttpRequest) -> HttpResponse:
    """Return a file with the user's data.

    It needs no recent sign-in, because the pages of this site show nearly all of it to a session.
    It is a POST, so that a link on another site cannot start it.
    """
    user = signed_in_user(request)
    account = account_name(issuer=user.issuer, sub=user.sub)
    count_account("data download", DATA_DOWNLOADS, account=account)
    profile = own_account(request).profile()
    trail.record(request, trail.Action.DATA_DOWNLOAD, trail.Outcome.SUCCESS, actor=user)
    browser_session = browser_sessions.current(request)
    groups = browser_session.groups if browser_session is not None else []
    return HttpResponse(
        own_data(user, profile, groups),
        content_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="{_file_name()}"',
            "Cache-Control": "no-store",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
@recent_authentication()
def delete(request: HttpRequest) -> HttpResponse:
    """Delete the account after the user has typed its name."""
    user = signed_in_user(request)
    expected = user.email or user.username or user.sub
    if request.method != "POST":
        form = DeletionForm(initial=initial_of(request), expected=expected)
        return form_page(request, "gatehouse/deletion.html", form)
    form = DeletionForm(request.POST, expected=expected)
    if not form.is_valid():
        return form_page(request, "gatehouse/deletion.html", form)
    owner = owner_of(request)
    try:
        failure = submit(form, lambda: delete_account(owner))
    except SessionEnded:
        if not finish_deletion(owner):
            raise
        failure = None
    except LastSuperuser as refused:
        return account_problem(
            request,
            _("You cannot delete your account"),
            _("This is the last superuser who can sign in. Add another superuser first."),
            status=refused.status,
        )
    if failure is not None:
        return form_page(request, "gatehouse/deletion.html", form, failure)
    auth.logout(request)
    messages.success(request, _("Deleted your account."))
    return HttpResponseRedirect(logout_url(conf.web_client()))


def _file_name() -> str:
    """Return a name of plain characters, which needs no encoding in the header."""
    site = "".join(one if one.isascii() and one.isalnum() else "-" for one in settings.SITE_NAME)
    return f"{site.strip('-').lower() or 'account'}-data-{timezone.now():%Y-%m-%d}.json"
