"""Why a user cannot sign in, in plain words, with the action that helps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import trail
from accounts.console.audit.reasons import in_words
from accounts.console.directory import rights, words
from accounts.console.directory.operator import Person
from accounts.models import AbstractIdentity, AuditEvent, Revocation
from accounts.rate_limits import limits
from cognito.attributes import usernames
from cognito.directory.access import REMOVABLE
from cognito.directory.pool_facts import PoolFacts
from cognito.user_pool.auth_factors import AuthFactors

# Failed sign-ins that are older say little about today.
RECENT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that prevents a sign-in, or that a user can fail at.

    Attributes:
        blocks: whether no sign-in succeeds until it is removed.
        actions: the names of the actions that help.
        row: the primary key of the user's row on this site, if that is where it is removed.
    """

    title: str
    advice: str
    blocks: bool = False
    actions: tuple[str, ...] = ()
    row: int | None = None


def obstacles_of(
    person: Person, *, row: AbstractIdentity | None, factors: AuthFactors | None, pool: PoolFacts
) -> list[Obstacle]:
    """Return the obstacles, those that block a sign-in first. Four queries.

    Args:
        factors: None if the pool did not return them.
    """
    found = [
        *_of_account(person, row),
        *_of_status(person, pool),
        *_of_limits(person),
        *_of_factors(person, factors, pool),
        *_of_this_site(person),
    ]
    return sorted(found, key=lambda one: not one.blocks)


def _of_account(person: Person, row: AbstractIdentity | None) -> Iterator[Obstacle]:
    if not person.user.is_enabled:
        yield Obstacle(
            _("The account is disabled."),
            _("Cognito refuses every sign-in until an operator enables the account."),
            blocks=True,
            actions=("enable",),
        )
    if row is not None and not row.is_active:
        yield Obstacle(
            _("The user is disabled on this site."),
            _("Sign-ins at Cognito succeed, but this site refuses them until “active” is set."),
            blocks=True,
            row=row.pk,
        )


def _of_status(person: Person, pool: PoolFacts) -> Iterator[Obstacle]:
    match person.user.status:
        case "UNCONFIRMED":
            yield Obstacle(
                _("The user has not confirmed the e-mail address."),
                _(
                    "The user enters the code from the e-mail, or asks for another one on the "
                    "sign-in page. You can confirm the account without a code."
                ),
                blocks=True,
                actions=("confirm",),
            )
        case "FORCE_CHANGE_PASSWORD":
            yield _temporary_password(person, pool)
        case "RESET_REQUIRED":
            yield Obstacle(
                _("The user must reset the password."),
                _(
                    "Cognito has sent a code. The user chooses “Forgot your password?” on the "
                    "sign-in page. If the code is lost, set a temporary password."
                ),
                blocks=True,
                actions=("set-temporary-password",),
            )
        case "EXTERNAL_PROVIDER":
            yield Obstacle(
                _("The user signs in with another provider."),
                _("Cognito has no password for this account. Ask the provider about problems."),
            )
        case "COMPROMISED" | "ARCHIVED" as status:
            yield Obstacle(
                _("Cognito has marked the account: %(status)s.")
                % {"status": words.status(status).lower()},
                _("Set a temporary password, and tell the user about it over a secure channel."),
                blocks=True,
                actions=("set-temporary-password",),
            )


def _temporary_password(person: Person, pool: PoolFacts) -> Obstacle:
    # Any later change of the user makes `changed_at` later, so the password expires no later.
    changed_at, days = person.user.changed_at, pool.temporary_password_days
    expires_at = changed_at + timedelta(days=days) if changed_at and days else None
    if expires_at is not None and expires_at < timezone.now():
        return Obstacle(
            _("The temporary password has expired."),
            ngettext(
                "It was valid for %(days)d day. Send the invitation again, or set a new one.",
                "It was valid for %(days)d days. Send the invitation again, or set a new one.",
                days or 0,
            )
            % {"days": days},
            blocks=True,
            actions=("resend-invitation", "set-temporary-password"),
        )
    until = (
        _("It expires on %(date)s at the latest.") % {"date": _moment(expires_at)}
        if expires_at
        else _("It expires after some days.")
    )
    return Obstacle(
        _("The user must sign in with a temporary password, and then choose their own."),
        until + " " + _("If it is lost, send the invitation again or set a new one."),
        actions=("resend-invitation", "set-temporary-password"),
    )


def _of_limits(person: Person) -> Iterator[Obstacle]:
    user = person.user
    seconds = limits.seconds_until_sign_in(
        email=usernames.normalised(user.email),
        account=limits.account_name(issuer=settings.COGNITO_ISSUER, sub=user.sub),
    )
    if seconds:
        minutes = max(1, round(seconds / 60))
        yield Obstacle(
            _("This site's rate limit refuses sign-ins of this account."),
            ngettext(
                "There were too many attempts. The limit ends by itself in %(minutes)d minute.",
                "There were too many attempts. The limit ends by itself in %(minutes)d minutes.",
                minutes,
            )
            % {"minutes": minutes},
            blocks=True,
        )


def _of_factors(person: Person, factors: AuthFactors | None, pool: PoolFacts) -> Iterator[Obstacle]:
    second = person.user.mfa
    if second:
        names = ", ".join(words.factor(name) for name in second)
        yield Obstacle(
            _("Sign-ins with a password ask for a second factor: %(names)s.") % {"names": names},
            _("If the user has lost it, remove it. First make sure who is asking."),
            actions=("remove-factor",) if set(second).intersection(REMOVABLE) else (),
        )
    elif pool.requires_second_factor:
        yield Obstacle(
            _("The user pool requires a second factor, and the user has none."),
            _("The next sign-in asks the user to set one up."),
        )
    if factors is not None and factors.only_passkeys:
        yield Obstacle(
            _("The user can only sign in with a passkey."),
            _("If it is lost, a temporary password gives the account another way to sign in."),
            actions=("set-temporary-password",),
        )


def _of_this_site(person: Person) -> Iterator[Obstacle]:
    user = person.user
    yield from _of_console(person)
    revoked = Revocation.objects.filter(
        issuer=settings.COGNITO_ISSUER, sub=user.sub, origin_jti="", expires_at__gt=timezone.now()
    )
    until = revoked.values_list("signed_in_until", flat=True).first()
    if until is not None:
        yield Obstacle(
            _("Sign-ins up to %(date)s were ended.") % {"date": _moment(until)},
            _("Apps with tokens of that time must sign the user in again. A new sign-in works."),
        )
    yield from _failures(failed_sign_ins(user.sub, user.email))


def _of_console(person: Person) -> Iterator[Obstacle]:
    """Say what keeps an operator out of the console. Other users do not need it."""
    held = rights.of_groups(person.groups)
    if held.is_staff and settings.COGNITO_STAFF_REQUIRE_MFA and not person.user.mfa:
        yield Obstacle(
            _("The user may not enter the console without a second factor."),
            _("Operators of this site need one. The user sets it up in their account."),
        )
    elif held.permissions and not held.is_staff:
        yield Obstacle(
            _("The user's groups give permissions, but do not open the console."),
            _("Only members of a staff group may enter it: %(groups)s.")
            % {"groups": ", ".join(sorted(settings.COGNITO_STAFF_GROUPS))},
            actions=("add-to-group",),
        )


def failed_sign_ins(sub: str, email: str) -> list[AuditEvent]:
    """Return the latest failed sign-ins of the last day. A failed one knows only the address."""
    since = timezone.now() - RECENT
    failed = AuditEvent.objects.filter(
        action=trail.Action.SIGN_IN, outcome=trail.Outcome.FAILURE, at__gte=since
    )
    found = [*failed.filter(subject_sub=sub).order_by("-at")[:3]]
    if email:
        unnamed = failed.filter(subject_sub="", subject_label=email)
        found += unnamed.order_by("-at")[:3]
    return sorted(found, key=lambda event: event.at, reverse=True)[:3]


def _failures(events: Iterable[AuditEvent]) -> Iterator[Obstacle]:
    for event in events:
        yield Obstacle(
            _("A sign-in failed on %(date)s: %(reason)s.")
            % {"date": _moment(event.at), "reason": in_words(event.detail)[0] or event.detail},
            _("The timeline below has the details."),
        )


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
