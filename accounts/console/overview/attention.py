"""What needs an operator's attention, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import process, readiness
from accounts.audit.stream.delivery import undelivered
from accounts.console.overview.pool_state import PoolState
from accounts.models import AbstractIdentity, Revocation
from accounts.process.revocation_list import EVERYONE
from accounts.sign_out.sign_out import REVOKED_FOR
from cognito.tokens.claim_checks import CLOCK_SKEW_SECONDS

# The list links to the rest. A count of all rows would read them all.
MAX_COUNTED = 100
# How many operators the page names.
MAX_NAMED = 3
# Events are delivered every minute.
LATE_DELIVERY = timedelta(minutes=15)
# The age at which a secret should be replaced. `infra plan` warns at the same age.
OLD_SECRET = timedelta(days=90)
_SECRETS = {
    "client": gettext_lazy("The secret of the app client is %(days)d days old"),
    "signing": gettext_lazy("The signing key of sessions is %(days)d days old"),
    "encryption": gettext_lazy("The encryption key of stored tokens is %(days)d days old"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence with a link to where an operator can act.

    Attributes:
        tone: `bad` if something fails, `warn` if it will or may, `info` if it can wait.
    """

    tone: str
    title: str
    text: str | Promise = ""
    url: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Services:
    """The state of what this application needs."""

    database_milliseconds: float
    keys_are_known: bool
    pool: PoolState


def services(pool: PoolState) -> Services:
    return Services(
        database_milliseconds=readiness.database_milliseconds(),
        # If the pool did not answer, do not wait for its keys as well.
        keys_are_known=readiness.keys_are_known(may_fetch=not pool.problem),
        pool=pool,
    )


def notices(state: Services, viewer: AbstractIdentity) -> list[Notice]:
    """Return what the operator `viewer` should know, and may see."""
    found = [*_services(state), *_migrations(), *_old_secrets(), *_secrets()]
    if settings.AUDIT_EVENT_BUS:
        found += _undelivered_events()
    if viewer.has_perm("accounts.view_revocation"):
        found += _unconfirmed_sign_outs()
    found += _second_factors(state.pool)
    return sorted(found, key=lambda one: ("bad", "warn", "info").index(one.tone))


def _services(state: Services) -> Iterator[Notice]:
    if state.pool.problem:
        yield Notice(
            "bad",
            _("The user pool: %(problem)s") % {"problem": state.pool.problem},
            _(
                "Users cannot sign in, and sessions that are due cannot be renewed. Sessions stay "
                "valid for 15 minutes without Cognito. The log names the cause."
            ),
        )
    if not state.keys_are_known:
        yield Notice(
            "bad",
            _("The signing keys of the user pool are not loaded"),
            _("This process cannot verify tokens until it can fetch COGNITO_JWKS_URL."),
        )


def _migrations() -> Iterator[Notice]:
    number = pending_migrations()
    if number:
        yield Notice(
            "bad",
            ngettext("%d migration is pending", "%d migrations are pending", number) % number,
            _("The database is older than this version of the application. Run manage.py migrate."),
        )


def pending_migrations() -> int:
    """Return how many migrations the database lacks.

    None can be added while a process runs, so a process that found none does not look again.
    """
    if process.current.has_all_migrations:
        return 0
    executor = MigrationExecutor(connection)
    number = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    process.current.has_all_migrations = number == 0
    return number


def _unconfirmed_sign_outs() -> Iterator[Notice]:
    number = unconfirmed_sign_outs()
    if not number:
        return
    counted = f"{MAX_COUNTED}+" if number >= MAX_COUNTED else str(number)
    yield Notice(
        "warn",
        ngettext(
            "%(number)s sign-out is not confirmed by Cognito",
            "%(number)s sign-outs are not confirmed by Cognito",
            number,
        )
        % {"number": counted},
        _(
            "This site refuses the tokens of these sign-ins. Other applications of the user pool "
            "may still accept them: sign the users out everywhere again."
        ),
        reverse("admin:accounts_revocation_changelist") + "?confirmed=no",
        _("Show revocations"),
    )


def unconfirmed_sign_outs() -> int:
    """Return the number of sign-outs that Cognito has not confirmed, at most MAX_COUNTED.

    A confirmed revocation ends when the last bearer token does. One that is not confirmed lasts as
    long as the refresh token could be used, and needs no attention in its last day.
    """
    return unconfirmed(Revocation.objects.all())[:MAX_COUNTED].count()


def unconfirmed(rows: QuerySet[Revocation]) -> QuerySet[Revocation]:
    latest = timezone.now() + REVOKED_FOR + timedelta(seconds=CLOCK_SKEW_SECONDS)
    # Cognito is not asked to sign all users out.
    return rows.filter(expires_at__gt=latest).exclude(sub=EVERYONE)


def _second_factors(pool: PoolState) -> Iterator[Notice]:
    found, unchecked = pool.without_factor, pool.unchecked
    if unchecked:
        yield Notice(
            "info",
            ngettext(
                "The second factor of %d operator was not checked",
                "The second factors of %d operators were not checked",
                unchecked,
            )
            % unchecked,
            _("The user pool did not answer in time. Open this page again."),
        )
    if not found:
        return
    names = ", ".join(found[:MAX_NAMED])
    more = len(found) - MAX_NAMED
    if more > 0:
        names = _("%(names)s and %(number)d more") % {"names": names, "number": more}
    yield Notice(
        "warn",
        ngettext(
            "%d operator has no second factor", "%d operators have no second factor", len(found)
        )
        % len(found),
        _("%(names)s. With a stolen password, an attacker has the operator's rights.")
        % {"names": names},
        f"{reverse('admin:accounts_user_changelist')}?is_staff__exact=1",
        _("Show operators"),
    )


def _undelivered_events() -> Iterator[Notice]:
    oldest = undelivered().values_list("at", flat=True).first()
    if oldest is not None and timezone.now() - oldest > LATE_DELIVERY:
        yield Notice(
            "warn",
            _("Audit events wait for the event bus"),
            _(
                "They stay in the trail, and are sent when the bus is available. The log of "
                "deliver_audit_events names the cause."
            ),
        )


def _old_secrets() -> Iterator[Notice]:
    for kind, since in settings.SECRETS_CREATED.items():
        age = timezone.now() - since
        if age > OLD_SECRET:
            yield Notice(
                "warn",
                _SECRETS[kind] % {"days": age.days},
                _(
                    "Replace it with %(command)s. Users stay signed in, and a copy of the former "
                    "secret becomes useless."
                )
                % {"command": f"python -m infra secrets rotate --what {kind}"},
            )


def _secrets() -> Iterator[Notice]:
    """Say which former secrets are still accepted. Their rotation ends when they are removed."""
    old = []
    if settings.SECRET_KEY_FALLBACKS:
        old.append("DJANGO_SECRET_KEY_FALLBACKS")
    if len(settings.TOKEN_ENCRYPTION_KEYS) > 1:
        old.append("TOKEN_ENCRYPTION_KEYS")
    if old:
        days = ceil(settings.SESSION_ABSOLUTE_SECONDS / timedelta(days=1).total_seconds())
        yield Notice(
            "info",
            _("Former secrets are still accepted"),
            ngettext(
                "Remove them from %(names)s when the rotation is %(days)d day old: then all "
                "sessions from before it have ended.",
                "Remove them from %(names)s when the rotation is %(days)d days old: then all "
                "sessions from before it have ended.",
                days,
            )
            % {"names": ", ".join(old), "days": days},
        )
