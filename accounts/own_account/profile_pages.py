"""Pages on which users change their name, e-mail address and phone number."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.own_account import pending_code
from accounts.own_account.access import account_page, account_problem, own_account, owner_of
from accounts.own_account.form_pages import form_page, submit
from accounts.own_account.forms import CodeForm, EmailForm, NameForm, PhoneForm
from accounts.own_account.pending_code import PendingCode
from accounts.own_account.profile_changes import (
    MESSAGES,
    change_profile,
    confirm_attribute,
    send_code,
)
from accounts.sessions import browser_sessions
from accounts.sessions.guards import sign_in_required, signed_in_user
from accounts.step_up.guards import confirm_first, recent_authentication
from accounts.step_up.kept_forms import initial_of
from cognito.errors import CodeNotDelivered, InvalidParameter, RequestRefused

PROFILE = "accounts:profile"
CODE = "accounts:confirm-code"


@require_safe
@sign_in_required
def profile(request: HttpRequest) -> HttpResponse:
    """Show what this site knows about the user. It makes no call of Cognito."""
    browser_session = browser_sessions.current(request)
    context = {
        "groups": browser_session.groups if browser_session is not None else [],
        "pending": pending_code.find(request),
    }
    return render(request, "gatehouse/profile.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def change_name(request: HttpRequest) -> HttpResponse:
    """Change or remove the name."""
    user = signed_in_user(request)
    if request.method != "POST":
        form = NameForm(initial={"name": user.name})
        return form_page(request, "gatehouse/name.html", form)
    form = NameForm(request.POST)
    if form.is_valid():
        name = form.cleaned_data["name"] or None
        failure = submit(
            form, lambda: change_profile(owner_of(request), {"name": name}), field="name"
        )
        if failure is not None:
            return form_page(request, "gatehouse/name.html", form, failure)
        text = _("Your name is now %(name)s.") % {"name": name} if name else _("Removed your name.")
        messages.success(request, text)
        return redirect(PROFILE)
    return form_page(request, "gatehouse/name.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
@recent_authentication()
def change_email(request: HttpRequest) -> HttpResponse:
    """Have a code sent to a new address, which replaces the old one with that code."""
    user = signed_in_user(request)
    if request.method != "POST":
        form = EmailForm(initial=initial_of(request), current=user.email)
        return form_page(request, "gatehouse/email.html", form)
    form = EmailForm(request.POST, current=user.email)
    if not form.is_valid():
        return form_page(request, "gatehouse/email.html", form)
    email = form.cleaned_data["email"]
    failure = submit(
        form, lambda: change_profile(owner_of(request), {"email": email}), field="email"
    )
    if failure is not None:
        return form_page(request, "gatehouse/email.html", form, failure)
    pending_code.remember(request, PendingCode("email", email, is_new=True))
    messages.success(request, _("A code is on its way to %(target)s.") % {"target": email})
    return redirect(CODE)


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def change_phone(request: HttpRequest) -> HttpResponse:
    """Show the number, and change or remove it. A pool that verifies numbers sends a code."""
    if request.method != "POST":
        current = own_account(request).profile()
        kept = initial_of(request)
        form = PhoneForm(initial=kept or {"phone_number": current.phone_number or ""})
        return form_page(request, "gatehouse/phone.html", form, current=current)
    answer = confirm_first(request)
    if answer is not None:
        return answer
    form = PhoneForm(request.POST)
    if not form.is_valid():
        return form_page(request, "gatehouse/phone.html", form)
    number = form.cleaned_data["phone_number"] or None
    waiting: frozenset[str] = frozenset()

    def change() -> None:
        nonlocal waiting
        waiting = change_profile(owner_of(request), {"phone_number": number})[1]

    failure = submit(form, change, field="phone_number")
    if failure is not None:
        return form_page(request, "gatehouse/phone.html", form, failure)
    if number is None:
        messages.success(request, _("Removed your phone number."))
    elif "phone_number" in waiting:
        pending_code.remember(request, PendingCode("phone_number", number, is_new=True))
        messages.success(request, _("A code is on its way to %(target)s.") % {"target": number})
        return redirect(CODE)
    else:
        messages.success(request, _("Your phone number is now %(number)s.") % {"number": number})
    return redirect(PROFILE)


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
@recent_authentication()
def verify(request: HttpRequest) -> HttpResponse:
    """Have a code sent to the address or number that the user has and that is not verified."""
    if request.method != "POST":
        # The user has signed in again on the way, and sends the form of this page once more.
        is_phone = initial_of(request).get("attribute") == "phone_number"
        return redirect("accounts:phone" if is_phone else PROFILE)
    attribute = request.POST.get("attribute", "")
    if attribute not in MESSAGES:
        return redirect(PROFILE)
    try:
        target = send_code(owner_of(request), attribute)
    except (CodeNotDelivered, InvalidParameter) as refused:
        return _not_sent(request, refused)
    if target is None:
        return redirect(PROFILE)
    pending_code.remember(request, PendingCode(attribute, target, is_new=False))
    messages.success(request, _("A code is on its way to %(target)s.") % {"target": target})
    return redirect(CODE)


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def confirm_code(request: HttpRequest) -> HttpResponse:
    """Verify the address or number with the code that was sent to it.

    The session is evidence of a recent sign-in, because the code was sent after one, at most an
    hour ago. A mail may take longer than a sign-in stays recent.
    """
    pending = pending_code.find(request)
    if pending is None:
        messages.warning(
            request, _("No code is expected, or it is too old. Ask for another one first.")
        )
        return redirect(PROFILE)
    context = {"pending": pending, "is_email": pending.attribute == "email"}
    if request.method != "POST":
        return form_page(request, "gatehouse/code.html", CodeForm(), None, **context)
    if "cancel" in request.POST:
        pending_code.forget(request)
        messages.success(request, _("Cancelled. Nothing has changed."))
        return redirect(PROFILE)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return form_page(request, "gatehouse/code.html", form, None, **context)
    code = form.cleaned_data["code"]
    failure = submit(
        form,
        lambda: confirm_attribute(owner_of(request), pending.attribute, code),
        field="code",
    )
    if failure is not None:
        return form_page(request, "gatehouse/code.html", form, failure, **context)
    pending_code.forget(request)
    messages.success(
        request,
        _("%(target)s is verified, and belongs to your account.") % {"target": pending.target},
    )
    return redirect(PROFILE)


def _not_sent(request: HttpRequest, refused: RequestRefused) -> HttpResponse:
    return account_problem(
        request,
        _("No code could be sent"),
        _("Nothing has changed. This site may be unable to send codes to it."),
        status=HTTPStatus(refused.status),
    )
