"""The directory as an operator uses it: check the rights, call the pool, follow up, record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts import conf
from accounts.audit import trail
from accounts.audit.subject import Named, Subject
from accounts.console.directory.actions import ACTIONS, SHOWN, Argument, Here, UserAction
from accounts.console.directory.errors import (
    EditNotConfirmed,
    FactorMissing,
    GroupWithRole,
    HostedSessionsLeft,
    PermissionMissing,
    SignedOutHereOnly,
    TooManyActions,
    TooManyMails,
    WrongConfirmation,
)
from accounts.console.directory.operator import (
    Operator,
    Person,
    demand_not_in_use,
)
from accounts.console.directory.reading import DirectoryReads
from accounts.last_superuser import require_other_superuser
from accounts.not_allowed import NotAllowed
from accounts.rate_limits import limits
from accounts.sessions import renewal
from accounts.sign_out import forget_user, sign_out
from cognito.attributes import usernames
from cognito.directory.records import DirectoryGroup, DirectoryUser
from cognito.errors import (
    ClientRefused,
    CognitoError,
    CognitoUnavailable,
    OperationNotSupported,
)
from cognito.user_pool.hosted_sessions import HostedSignOut


@dataclass(slots=True)
class Entry:
    """An audit event in progress. Its subject is known only after the user was found."""

    subject: Named


@dataclass(frozen=True, slots=True)
class Console(DirectoryReads):
    """The user pool, for one operator. It checks the rights before each call.

    The audit trail records each write.

    Raises, from every method:
        NotAllowed: a rule of this application refuses the call. It raises a subclass.
        RequestRefused: the pool refused the call and changed nothing. It raises a subclass.
        CognitoUnavailable: it is unknown whether the pool changed something. SignedOutHereOnly
            means that the user was at least signed out of this site.
    """

    request: HttpRequest

    @classmethod
    def of(cls, request: HttpRequest, operator: Operator) -> Console:
        return cls(operator, conf.directory(), request)

    def demand(self, permission: str, event: trail.Action, subject: Named) -> None:
        """Require a permission before a form is shown or read. Record a POST without it."""
        try:
            self.operator.demand(permission)
        except PermissionMissing as error:
            if self.request.method == "POST":
                self._record(event, trail.Outcome.FAILURE, Entry(subject), error.code)
            raise

    def invite(self, *, email: str, name: str, phone_number: str) -> DirectoryUser:
        """Create a user. Cognito sends the user a temporary password."""
        email = usernames.normalised(email)
        with self._recorded(trail.Action.INVITE_USER, Subject.named(email)) as entry:
            self.operator.demand("invite_users")
            with _mail_to(email):
                user = self.directory.invite(email=email, name=name, phone_number=phone_number)
            entry.subject = Subject.of_directory(user)
        return user

    def create_group(
        self, name: str, *, description: str, precedence: int | None
    ) -> DirectoryGroup:
        with self._recorded(trail.Action.CREATE_GROUP, Subject.named(name), detail=name):
            self.operator.demand("manage_groups")
            # A Django group of this name may exist already, and give its permissions to members.
            self.operator.demand_group(DirectoryGroup(name))
            return self.directory.create_group(name, description=description, precedence=precedence)

    def edit_group(self, name: str, changes: Mapping[str, Any]) -> DirectoryGroup:
        """Return the group as the pool reports it after the change.

        Args:
            changes: the new `description` or `precedence`, or both. The other one is kept.

        Raises:
            EditNotConfirmed: the pool reports a different group.
        """
        with self._recorded(trail.Action.UPDATE_GROUP, Subject.named(name), detail=name):
            self.operator.demand("manage_groups")
            group = self.directory.group(name)
            self.operator.demand_group(group)
            if group.has_role:
                raise GroupWithRole
            wanted = replace(group, **changes)
            edited = self.directory.update_group(
                name, description=wanted.description, precedence=wanted.precedence
            )
            if edited != wanted:
                raise EditNotConfirmed
        return edited

    def delete_group(self, name: str) -> None:
        with self._recorded(trail.Action.DELETE_GROUP, Subject.named(name), detail=name):
            self.operator.demand("manage_groups")
            demand_not_in_use(name)
            self.operator.demand_group(self.directory.group(name))
            self.directory.delete_group(name)

    def act(self, action_name: str, username: str, argument: str = "") -> DirectoryUser:
        """Apply one of `actions.ACTIONS` to a user. Return the user as they were before.

        Args:
            argument: the group, password or e-mail address that the action needs.
        """
        action = ACTIONS[action_name]
        detail = argument if action.argument in SHOWN else ""
        with self._recorded(action.event, Subject.named(username), detail=detail) as entry:
            self.operator.demand(action.permission)
            person = self._person(username)
            entry.subject = Subject.of_directory(person.user)
            self._allow(action, person, argument)
            with (
                self._leaving_a_superuser(action, person, argument),
                _mail_to(person.user.email) if action.sends_mail else nullcontext(),
            ):
                self._do(action, person.user, argument)
        return person.user

    def _allow(self, action: UserAction, person: Person, argument: str) -> None:
        self.operator.demand_over(person)
        if action.argument is Argument.GROUP:
            self.operator.demand_group(self.directory.group(argument))
        if action.argument is Argument.FACTOR and argument not in person.user.mfa:
            raise FactorMissing
        expected = person.user.email or person.user.username
        if (
            action.argument is Argument.CONFIRMATION
            and argument.strip().casefold() != expected.casefold()
        ):
            raise WrongConfirmation

    def _do(self, action: UserAction, user: DirectoryUser, argument: str) -> None:
        try:
            action.call(self.directory, user, argument)
        except (ClientRefused, OperationNotSupported):
            # The pool changed nothing.
            raise
        except CognitoUnavailable as error:
            if action.here in {Here.NOTHING, Here.RENEW}:
                raise
            # The user must lose access to this site, even if the call failed.
            self._sign_out(user, is_signed_out_at_cognito=False)
            raise SignedOutHereOnly(retry_after=error.retry_after, reason=error.reason) from error
        # End these first. A session at the hosted UI could sign the user in again after the
        # sign-out on this site.
        hosted = self._end_hosted_sessions(user) if action.ends_hosted_sessions else HostedSignOut()
        self._follow_up(action.here, user)
        if hosted.error is not None:
            raise HostedSessionsLeft from hosted.error

    def _end_hosted_sessions(self, user: DirectoryUser) -> HostedSignOut:
        hosted = self.directory.end_hosted_sessions(user.username)
        # Without the AWS rights, it is unknown whether the pool tracks sessions at all.
        return HostedSignOut() if isinstance(hosted.error, ClientRefused) else hosted

    def _follow_up(self, here: Here, user: DirectoryUser) -> None:
        match here:
            case Here.SIGN_OUT:
                revoked = sign_out.revoke_refresh_tokens(self.directory, user)
                self._sign_out(user, is_signed_out_at_cognito=revoked)
            case Here.SIGN_OUT_CONFIRMED:
                self._sign_out(user, is_signed_out_at_cognito=True)
            case Here.RENEW:
                renewal.make_due(issuer=settings.COGNITO_ISSUER, sub=user.sub)
            case Here.FORGET:
                forget_user.forget(issuer=settings.COGNITO_ISSUER, sub=user.sub)

    def _sign_out(self, user: DirectoryUser, *, is_signed_out_at_cognito: bool) -> None:
        sign_out.sign_out_by_operator(
            issuer=settings.COGNITO_ISSUER,
            sub=user.sub,
            is_signed_out_at_cognito=is_signed_out_at_cognito,
        )

    def _leaving_a_superuser(
        self, action: UserAction, person: Person, argument: str
    ) -> AbstractContextManager[None]:
        is_other_group = (
            action.argument is Argument.GROUP and argument not in settings.COGNITO_SUPERUSER_GROUPS
        )
        if is_other_group or not action.takes_rights:
            return nullcontext()
        if not person.is_superuser:
            return nullcontext()
        return require_other_superuser(self.directory, sub=person.user.sub)

    @contextmanager
    def _recorded(
        self, event: trail.Action, subject: Named, *, detail: str = ""
    ) -> Iterator[Entry]:
        """Count the action, and record its success or the code of its failure.

        Actions beyond the operator's rate limit are not recorded, so that the limit bounds the
        number of events.
        """
        actor = self.operator.user
        account = limits.account_name(issuer=actor.issuer, sub=actor.sub)
        try:
            limits.count_account("operator action", limits.OPERATOR_ACTIONS, account=account)
        except limits.AccountLimitReached as throttled:
            raise TooManyActions(throttled.wait) from None
        entry = Entry(subject)
        try:
            yield entry
        except (NotAllowed, CognitoError) as error:
            self._record(event, trail.Outcome.FAILURE, entry, detail, error.code)
            raise
        self._record(event, trail.Outcome.SUCCESS, entry, detail)

    def _record(
        self, event: trail.Action, outcome: trail.Outcome, entry: Entry, *details: str
    ) -> None:
        trail.record(
            self.request,
            event,
            outcome,
            actor=self.operator.user,
            subject=entry.subject,
            detail=": ".join(part.replace("\0", "") for part in details if part),
        )


@contextmanager
def _mail_to(email: str) -> Iterator[None]:
    """Count an e-mail that the enclosed call causes. Raises TooManyMails."""
    try:
        with limits.count_target(limits.MAIL, email.strip().lower()):
            yield
    except limits.AccountLimitReached as throttled:
        raise TooManyMails(throttled.wait) from None
