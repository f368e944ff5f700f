"""Renewal: sessions follow the changes of their user in the pool."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import Settings

from accounts import encryption, process
from accounts.metrics.declared import RENEWALS
from accounts.models import AuditEvent, BrowserSession, User
from accounts.sessions import renewal
from cognito.errors import CognitoUnavailable
from cognito.testing import WITHOUT
from tests.support.database_steps import recorded_steps
from tests.support.provider.browser import PROFILE, Browser
from tests.support.provider.clock import Clock
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.pool import DEVICE_KEY
from tests.support.provider.provider import Provider
from tests.support.staff_page import STAFF_PAGE

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.support.staff_page")]

REFRESH = "GetTokensFromRefreshToken"

DUE = 301.0
NEW_KEY = "bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleS0="

ENDINGS = [
    "NotAuthorizedException",
    "UserNotFoundException",
    "UserNotConfirmedException",
    "PasswordResetRequiredException",
    "RefreshTokenReuseException",
]


def renewals() -> dict[str, float]:
    """Return how many renewals the process has counted, by result."""
    counted = process.current.metrics.totals().items()
    return {label: value[0] for (metric, label), value in counted if metric is RENEWALS}


def test_claims_are_renewed_when_they_are_five_minutes_old(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    browser.signed_in()
    clock.advance(299)
    assert browser.is_signed_in()
    assert provider.hits(REFRESH) == 0
    clock.advance(2)
    assert browser.is_signed_in()
    assert browser.is_signed_in()
    assert provider.hits(REFRESH) == 1
    (asked,) = provider.requests(REFRESH)
    assert "Authorization" not in asked.headers, "no AWS credentials are used"


def test_renewal_encrypts_a_kept_refresh_token_with_the_newest_key(
    browser: Browser, clock: Clock, settings: Settings
) -> None:
    """So the former key can be removed although the pool rotates no refresh tokens."""
    browser.signed_in()
    former = settings.TOKEN_ENCRYPTION_KEYS
    settings.TOKEN_ENCRYPTION_KEYS = (NEW_KEY, *former)
    clock.advance(DUE)
    assert browser.is_signed_in()
    settings.TOKEN_ENCRYPTION_KEYS = (NEW_KEY,)
    clock.advance(DUE)
    assert browser.is_signed_in()


def test_removal_from_a_group_removes_access_to_the_admin(browser: Browser, clock: Clock) -> None:
    person = Person(groups=["operators"])
    browser.signed_in(person)
    assert browser.status_of(STAFF_PAGE) == 200
    person.groups = []
    assert browser.status_of(STAFF_PAGE) == 200
    clock.advance(DUE)
    assert browser.status_of(STAFF_PAGE) == 403
    user = User.objects.get()
    assert (user.is_staff, user.groups.count()) == (False, 0)
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.detail, event.actor_sub) == ("group_change", "", person.sub)


def test_addition_to_a_group_gives_access_to_the_admin(browser: Browser, clock: Clock) -> None:
    person = Person()
    browser.signed_in(person)
    assert browser.status_of(STAFF_PAGE) == 403
    person.groups = ["operators"]
    clock.advance(DUE)
    assert browser.status_of(STAFF_PAGE) == 200
    assert b"operators" in browser.get(PROFILE).content


def test_staff_flag_set_by_hand_is_removed_by_the_renewal(browser: Browser, clock: Clock) -> None:
    browser.signed_in()
    User.objects.update(is_staff=True, is_superuser=True)
    clock.advance(DUE)
    assert browser.status_of(STAFF_PAGE) == 403


@pytest.mark.parametrize("grace_seconds", [0, 60])
def test_rotated_refresh_token_is_stored(
    browser: Browser, provider: Provider, clock: Clock, grace_seconds: float
) -> None:
    provider.pool.rotates, provider.pool.grace_seconds = True, grace_seconds
    browser.signed_in()
    for count in (1, 2, 3):
        clock.advance(DUE)
        assert browser.is_signed_in()
        assert provider.hits(REFRESH) == count
    stored = BrowserSession.objects.get().refresh_token
    assert encryption.decrypt(stored) in provider.secrets
    assert stored not in provider.secrets


@pytest.mark.parametrize(("grace_seconds", "survives"), [(60, True), (0, False)])
def test_replaced_refresh_token_is_valid_for_the_grace_period(
    browser: Browser, provider: Provider, clock: Clock, grace_seconds: float, survives: bool
) -> None:
    provider.pool.rotates, provider.pool.grace_seconds = True, grace_seconds
    browser.signed_in()
    before = BrowserSession.objects.get()
    clock.advance(DUE)
    assert browser.is_signed_in()
    # Restore the old token, as if the process had stopped before it stored the new one.
    before.save()
    clock.advance(30)
    assert browser.is_signed_in() is survives


def test_session_is_renewed_with_the_key_of_its_device(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    provider.pool.tracks_devices = provider.pool.rotates = True
    browser.signed_in()
    assert BrowserSession.objects.get().device_key == DEVICE_KEY
    for count in (1, 2):
        clock.advance(301)
        assert browser.is_signed_in()
        assert provider.hits(REFRESH) == count


def test_session_of_an_untracked_device_sends_no_key(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    browser.signed_in()
    clock.advance(301)
    assert browser.is_signed_in()
    (asked,) = provider.requests(REFRESH)
    assert b"DeviceKey" not in asked.body


@pytest.mark.parametrize("error", ENDINGS)
def test_session_ends_if_cognito_refuses_the_refresh(
    browser: Browser, provider: Provider, clock: Clock, error: str
) -> None:
    browser.signed_in()
    provider.behave(refresh=error)
    clock.advance(DUE)
    response = browser.get(PROFILE)
    assert (response.status_code, response["Location"]) == (
        302,
        "/accounts/login/?next=%2Faccounts%2Fprofile%2F",
    )
    assert not BrowserSession.objects.exists()
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.outcome, event.detail) == ("renewal", "failure", "grant_refused")
    provider.behave()
    assert not browser.is_signed_in()
    browser.signed_in()


def test_user_who_is_disabled_in_the_pool_is_signed_out(
    browser: Browser, new_browser: NewBrowser, clock: Clock
) -> None:
    person = Person(groups=["operators"])
    browser.signed_in(person)
    other = new_browser().signed_in(Person())
    person.is_enabled = False
    clock.advance(DUE)
    assert browser.get(STAFF_PAGE).status_code == 302
    assert not browser.is_signed_in()
    assert other.is_signed_in()


@pytest.mark.parametrize(
    "fault",
    [
        "wrong_iss",
        "wrong_aud",
        "azp_other",
        "expired",
        "bad_sig",
        "other_key",
        "hs256_secret",
        "no_sub",
        "malformed",
    ],
)
def test_unverifiable_tokens_of_a_refresh_give_no_rights_and_end_no_session(
    browser: Browser,
    provider: Provider,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    """The pool did not refuse, so the fault is here. The session survives it for 15 minutes."""
    person = Person(groups=[])
    browser.signed_in(person)
    person.groups = ["operators"]
    provider.behave(refresh=fault)
    clock.advance(DUE)
    assert browser.is_signed_in()
    assert not User.objects.get().is_staff
    assert User.objects.count() == 1
    assert [one for one in caplog.records if one.name == "cognito.hosted_ui.verified_sign_in"]
    clock.advance(16 * 60)
    assert not browser.is_signed_in()
    assert not BrowserSession.objects.exists()


@pytest.mark.parametrize("is_required", [False, True])
@pytest.mark.parametrize("aud", [WITHOUT, "https://billing.example.com", ["a", "b"]])
def test_audience_of_the_sessions_own_access_token_does_not_matter(
    browser: Browser, clock: Clock, settings: Settings, aud: object, is_required: bool
) -> None:
    """The session sends it to Cognito only. A trigger of the pool can bind it to any service."""
    settings.COGNITO_REQUIRE_AUDIENCE = is_required
    browser.signed_in(Person(access_changes={"aud": aud}))
    clock.advance(DUE)
    assert browser.is_signed_in()
    assert not BrowserSession.objects.exclude(failing_since=None).exists()


def test_tokens_with_an_actor_renew_no_session(browser: Browser, clock: Clock) -> None:
    person = Person(groups=[])
    browser.signed_in(person)
    person.groups = ["operators"]
    person.access_changes = {"act": {"sub": "agent"}}
    clock.advance(DUE)
    assert browser.is_signed_in()
    assert not User.objects.get().is_staff


@pytest.mark.parametrize("fault", ["other_sub", "bad_at_hash"])
def test_mismatched_tokens_of_a_refresh_end_the_session(
    browser: Browser, provider: Provider, clock: Clock, fault: str
) -> None:
    browser.signed_in(Person(groups=[]))
    provider.behave(refresh=fault)
    clock.advance(DUE)
    assert not browser.is_signed_in()
    assert not BrowserSession.objects.exists()


@pytest.mark.parametrize("minutes", [-10, 20])
def test_wrong_clock_ends_no_session_and_is_logged(
    browser: Browser,
    provider: Provider,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    minutes: int,
) -> None:
    browser.signed_in()
    clock.advance(DUE + 20 * 60)
    clock.set_wrong_by(minutes * 60)
    assert browser.is_signed_in()
    (line,) = [one for one in caplog.records if one.name == "cognito.hosted_ui.verified_sign_in"]
    assert line.levelname == "ERROR"
    assert "clock of this machine" in line.getMessage()
    assert BrowserSession.objects.get().failing_since is not None
    clock.set_wrong_by(0)
    clock.advance(21 * 60)
    assert browser.is_signed_in()
    assert BrowserSession.objects.get().failing_since is None


def test_wrong_clock_does_not_keep_a_session_for_ever(browser: Browser, clock: Clock) -> None:
    browser.signed_in()
    clock.advance(DUE + 20 * 60)
    clock.set_wrong_by(-10 * 60)
    assert browser.is_signed_in()
    clock.advance(16 * 60)
    assert not browser.is_signed_in()


def test_tokens_of_another_user_end_the_session(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    person = Person()
    browser.signed_in(person)
    person.sub, person.groups = str(uuid.uuid4()), ["operators"]
    clock.advance(DUE)
    assert not browser.is_signed_in()
    assert AuditEvent.objects.latest("pk").detail == "wrong_access_token"
    assert not User.objects.get().is_staff


def test_second_request_uses_the_result_of_the_renewal(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    browser.signed_in()
    pk = BrowserSession.objects.get().pk
    request = RequestFactory().get("/")
    clock.advance(DUE)
    for _ in range(2):
        renewed = renewal.renew(request, pk)
        assert renewed is not None
        assert renewed.renewed_at == BrowserSession.objects.get().renewed_at
    assert provider.hits(REFRESH) == 1
    BrowserSession.objects.all().delete()
    assert renewal.renew(request, pk) is None
    assert provider.hits(REFRESH) == 1


@pytest.mark.parametrize("ask", [renewal.renew, renewal.fresh_access_token])
@pytest.mark.parametrize(
    ("fault", "minutes", "reason"),
    [("NotAuthorizedException", 0, "grant_refused"), ("status:500", 16, "cognito_unavailable")],
    ids=["refused", "long_outage"],
)
def test_renewal_that_ends_a_session_deletes_only_its_row(
    *,
    browser: Browser,
    new_browser: NewBrowser,
    provider: Provider,
    clock: Clock,
    ask: Callable[[HttpRequest, uuid.UUID], object],
    fault: str,
    minutes: int,
    reason: str,
) -> None:
    """Call it without the middleware, which would end the session a second time."""
    person = Person()
    browser.signed_in(person)
    pk = BrowserSession.objects.get().pk
    other = new_browser().signed_in(Person())
    kept = BrowserSession.objects.exclude(pk=pk).get()
    provider.behave(refresh=fault)
    clock.advance(DUE)
    if minutes:
        BrowserSession.objects.filter(pk=pk).update(failing_since=timezone.now())
        clock.advance(60 * minutes)
    assert ask(RequestFactory().get("/"), pk) is None
    assert BrowserSession.objects.get() == kept
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.outcome, event.detail) == ("renewal", "failure", reason)
    assert event.actor_sub == person.sub
    assert renewals() == {"ended": 1}
    provider.behave()
    assert other.is_signed_in()


@pytest.mark.parametrize(
    ("fault", "reason", "pause"),
    [
        ("status:503", "503", 20),
        ("TooManyRequestsException", "TooManyRequestsException", 60),
        ("expired", "the new tokens do not verify: token_expired", 20),
    ],
)
def test_outage_is_logged_and_counted_and_followed_by_a_pause(
    *,
    browser: Browser,
    provider: Provider,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    reason: str,
    pause: int,
) -> None:
    browser.signed_in()
    provider.behave(refresh=fault)
    clock.advance(DUE)
    assert browser.is_signed_in()
    (line,) = [one for one in caplog.records if one.name == renewal.__name__]
    assert line.getMessage() == (
        f"A session could not be renewed. Cognito is unavailable: {reason}"
    )
    assert vars(line)["outage"] == "Cognito", "it limits repeated lines"
    assert renewals() == {"unavailable": 1}
    row = BrowserSession.objects.get()
    assert row.failing_since is not None
    assert row.ask_again_at == row.failing_since + timedelta(seconds=pause)


def test_new_access_token_is_asked_for_once_in_twenty_seconds_of_an_outage(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    browser.signed_in()
    pk = BrowserSession.objects.get().pk
    provider.behave(refresh="status:503")
    for reason in ("503", "the previous attempt has just failed"):
        with pytest.raises(CognitoUnavailable) as caught:
            renewal.fresh_access_token(RequestFactory().get("/"), pk)
        assert caught.value.reason == reason
    assert provider.hits(REFRESH) == 1
    clock.advance(21)
    provider.behave()
    assert renewal.fresh_access_token(RequestFactory().get("/"), pk) in provider.secrets
    assert provider.hits(REFRESH) == 2
    assert BrowserSession.objects.get().failing_since is None
    assert renewals() == {"unavailable": 1, "renewed": 1}
    BrowserSession.objects.all().delete()
    assert renewal.fresh_access_token(RequestFactory().get("/"), pk) is None


@pytest.mark.parametrize("ask", [renewal.renew, renewal.fresh_access_token])
def test_renewal_locks_the_row_before_it_writes(
    browser: Browser, clock: Clock, ask: Callable[[HttpRequest, uuid.UUID], object]
) -> None:
    browser.signed_in()
    pk = BrowserSession.objects.get().pk
    clock.advance(DUE)
    with recorded_steps() as steps:
        assert ask(RequestFactory().get("/"), pk) is not None
    of_sessions = [step for step in steps if step.endswith(" accounts_browsersession")]
    assert of_sessions == ["lock accounts_browsersession", "update accounts_browsersession"]
    assert steps.index(of_sessions[0]) < steps.index("lock accounts_user")


def test_script_gets_the_address_of_the_sign_in(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    browser.signed_in()
    provider.behave(refresh="NotAuthorizedException")
    clock.advance(DUE)
    response = browser.get(PROFILE, HTTP_X_REQUESTED_WITH="XMLHttpRequest")
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    problem = json.loads(response.content)
    assert problem["code"] == "not_authenticated"
    assert problem["status"] == 401
    assert problem["sign_in_url"] == "/accounts/login/?next=%2Faccounts%2Fprofile%2F"
    assert problem["request_id"] == response["X-Request-ID"]


def test_session_without_a_refresh_token_ends_when_its_claims_are_old(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    provider.behave(token="refresh_missing")
    browser.signed_in()
    clock.advance(299)
    assert browser.is_signed_in()
    clock.advance(2)
    assert not browser.is_signed_in()
    assert provider.hits(REFRESH) == 0


def test_session_whose_refresh_token_cannot_be_decrypted_ends(
    browser: Browser, clock: Clock, settings: Settings
) -> None:
    browser.signed_in()
    settings.TOKEN_ENCRYPTION_KEYS = ("b" * 43 + "=",)
    clock.advance(DUE)
    assert not browser.is_signed_in()
    assert AuditEvent.objects.latest("pk").detail == "undecryptable_token"


def test_session_of_a_disabled_user_is_not_renewed(
    browser: Browser, provider: Provider, clock: Clock
) -> None:
    browser.signed_in()
    User.objects.update(is_active=False)
    clock.advance(DUE)
    assert not browser.is_signed_in()
    assert provider.hits(REFRESH) == 0


def test_two_devices_are_renewed_separately(
    browser: Browser, new_browser: NewBrowser, provider: Provider, clock: Clock
) -> None:
    person = Person()
    browser.signed_in(person)
    clock.advance(200)
    other = new_browser().signed_in(person)
    clock.advance(DUE - 200)
    assert browser.is_signed_in()
    assert other.is_signed_in()
    assert provider.hits(REFRESH) == 1


def test_session_of_a_changed_user_is_due_at_once_but_not_younger(clock: Clock) -> None:
    """Otherwise a change of groups would extend rights that expire in an outage."""
    user = User.objects.create(issuer="https://pool.example", sub="ada")
    now = clock.now()
    due = now - timedelta(seconds=300)
    asking_again = {"failing_since": now, "ask_again_at": now + timedelta(seconds=20)}

    def session(of: User, *, seconds_old: int) -> BrowserSession:
        moment = now - timedelta(seconds=seconds_old)
        return BrowserSession.objects.create(
            user=of, signed_in_at=moment, last_seen_at=now, renewed_at=moment, **asking_again
        )

    young, old = session(user, seconds_old=10), session(user, seconds_old=900)
    others = [
        session(User.objects.create(issuer=issuer, sub=sub), seconds_old=10)
        for issuer, sub in [("https://pool.example", "bob"), ("https://other.example", "ada")]
    ]
    renewal.make_due(issuer="https://pool.example", sub="ada")
    for one in (young, old, *others):
        one.refresh_from_db()
    assert abs(young.renewed_at - due) < timedelta(seconds=5)
    assert young.ask_again_at is None
    assert renewal.is_due(young, clock.now())
    assert renewal.is_trusted_for_rights(young, clock.now())
    assert old.renewed_at == now - timedelta(seconds=900)
    assert old.ask_again_at == asking_again["ask_again_at"]
    for one in others:
        assert one.renewed_at == now - timedelta(seconds=10)
        assert one.ask_again_at == asking_again["ask_again_at"]
