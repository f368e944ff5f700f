"""What protects an account, and what its user should do next."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from cognito.user_pool.auth_factors import AuthFactors
from cognito.user_pool.challenges import EMAIL_OTP, PASSWORD, SMS_MFA, SMS_OTP
from cognito.user_pool.passkeys import Passkey


@dataclass(frozen=True, slots=True)
class Protection:
    """A factor as the page shows it.

    Attributes:
        name: for users.
        explanation: what it does while it is on, or what it would do.
        url_name: the page that changes it, or an empty string.
    """

    name: str
    is_on: bool
    explanation: str
    url_name: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """The state of an account in one sentence, and what to do about it.

    Attributes:
        is_strong: whether a stolen password, or a mailbox that is not the user's any more, is not
            enough to sign in.
        state: a heading.
        explanation: what the state means.
        recovery: what to do before a phone, a key or a password is lost. One sentence or two each.
    """

    is_strong: bool
    state: str
    explanation: str
    recovery: list[str]


def protections(factors: AuthFactors, passkeys: list[Passkey]) -> list[Protection]:
    """Return the factors, the usual ones also while they are off."""
    email_is_second = EMAIL_OTP in factors.second
    has_password = PASSWORD in factors.first
    listed = [
        Protection(
            _("Password"),
            has_password,
            _("You can sign in with it.")
            if has_password
            else _("You sign in without one. You can set one as another way to sign in."),
            "accounts:password",
        ),
        Protection(
            _("Passkeys"),
            bool(passkeys),
            _("You can sign in with your device. A passkey works on this site only.")
            if passkeys
            else _("With one, you sign in with your device instead of a password."),
        ),
        Protection(
            _("Authenticator app"),
            factors.has_app,
            _("A sign-in with your password also needs a code from the app.")
            if factors.has_app
            else _("With it, a sign-in with your password also needs a code from the app."),
            "accounts:second-factor",
        ),
        Protection(
            _("Code by e-mail"),
            email_is_second or EMAIL_OTP in factors.first,
            _("A sign-in with a password also needs a code that we send to you.")
            if email_is_second
            else _("You can sign in with a code that we send to you.")
            if EMAIL_OTP in factors.first
            else _("No sign-in asks for a code that we send to you."),
        ),
    ]
    if SMS_OTP in factors.first or SMS_MFA in factors.second:
        explanation = _("A sign-in can ask for a code that we send to your phone.")
        listed.append(Protection(_("Code by text message"), is_on=True, explanation=explanation))
    return listed


def advice(factors: AuthFactors, passkeys: list[Passkey], *, has_verified_email: bool) -> Advice:
    """Return how well the account is protected, and how not to lose it."""
    if PASSWORD in factors.first and not (factors.has_app or factors.second):
        is_strong, state = False, _("Your password alone is enough to sign in")
        explanation = _(
            "An attacker who learns it can use your account. Set up an authenticator app, so "
            "that a sign-in with the password also needs a code."
        )
    elif PASSWORD not in factors.first and {EMAIL_OTP, SMS_OTP} & factors.first:
        is_strong, state = False, _("A code that we send you is enough to sign in")
        explanation = _(
            "Your account is as safe as your mailbox or your phone number. A passkey is safer, "
            "because it stays on your device."
        )
    else:
        is_strong, state = True, _("A stolen password is not enough to sign in")
        explanation = _("Your account also needs something that you have.")
    return Advice(is_strong, state, explanation, _recovery(factors, passkeys, has_verified_email))


def _recovery(factors: AuthFactors, passkeys: list[Passkey], has_verified_email: bool) -> list[str]:
    listed = []
    if factors.only_passkeys and len(passkeys) == 1:
        listed.append(
            _(
                "Your only passkey is your only way to sign in. Add a second one on another "
                "device, or set a password."
            )
        )
    if factors.has_app:
        listed.append(
            _(
                "Keep a copy of your authenticator app, for example its backup. Without the app "
                "you need an operator of this site to remove it from your account."
            )
        )
    if PASSWORD in factors.first:
        listed.append(
            _("If you forget your password, a code to your e-mail address sets a new one.")
            if has_verified_email
            else _(
                "Your e-mail address is not verified, so you cannot reset a forgotten password. "
                "Verify it on the page Profile."
            )
        )
    if not passkeys:
        listed.append(
            _("Add a passkey: it cannot be guessed, forgotten or entered on a false page.")
        )
    return listed
