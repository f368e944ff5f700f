"""Browser sessions: their beginning, and their end by time limits, sign-out or new keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib import auth
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts import encryption
from accounts.models import BrowserSession, User
from accounts.sessions import browser_sessions
from accounts.sessions.store import SessionStore
from tests.support.database_steps import recorded_steps
from tests.support.provider.browser import PROFILE, Browser
from tests.support.provider.clock import Clock
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider
from tests.support.staff_page import STAFF_PAGE

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.support.staff_page")]

COOKIE = "gatehouse-session"
NEW_KEY = "a new secret key, " * 4


def test_session_key_from_before_the_sign_in_is_invalid_after_it(
    browser: Browser, new_browser: NewBrowser
) -> None:
    planted = SessionStore()
    planted["planted"] = True
    planted.create()
    browser.cookies[COOKIE] = str(planted.session_key)
    browser.signed_in_at_hosted_ui()
    assert browser.cookies[COOKIE].value != planted.session_key
    attacker = new_browser()
    attacker.cookies[COOKIE] = str(planted.session_key)
    assert not attacker.is_signed_in()
    assert not SessionStore(planted.session_key).load()
    assert "planted" not in browser.session


def test_sign_in_does_not_adopt_the_session_of_an_attacker(
    browser: Browser, new_browser: NewBrowser
) -> None:
    attacker = new_browser().signed_in_at_hosted_ui(Person(email="mallory@example.com"))
    browser.cookies[COOKIE] = attacker.cookies[COOKIE].value
    person = Person()
    browser.signed_in_at_hosted_ui(person)
    assert str(browser.session["_auth_user_id"]) == str(User.objects.get(sub=person.sub).pk)
    assert not attacker.is_signed_in(), "the session of the attacker has ended"


def test_sign_in_of_another_user_removes_the_data_of_the_first(
    browser: Browser, new_browser: NewBrowser
) -> None:
    first, second = (
        Person(email="a@example.com", groups=["operators"]),
        Person(email="b@example.com"),
    )
    browser.signed_in_at_hosted_ui(first)
    old_key = browser.cookies[COOKIE].value
    session = browser.session
    session["of the first"] = "something"
    session.save()
    browser.signed_in_at_hosted_ui(second)
    assert "of the first" not in browser.session
    assert BrowserSession.objects.get().user.sub == second.sub
    page = browser.get(PROFILE).content.decode()
    assert "a@example.com" not in page
    assert "b@example.com" in page
    assert browser.status_of(STAFF_PAGE) == 403
    thief = new_browser()
    thief.cookies[COOKIE] = old_key
    assert not thief.is_signed_in()


def test_signing_in_again_replaces_the_session(browser: Browser, new_browser: NewBrowser) -> None:
    person = Person()
    browser.signed_in_at_hosted_ui(person)
    old_key = browser.cookies[COOKIE].value
    browser.signed_in_at_hosted_ui(person)
    assert browser.cookies[COOKIE].value != old_key
    assert BrowserSession.objects.count() == 1
    assert Session.objects.count() == 1


def test_user_can_sign_in_on_several_devices(browser: Browser, new_browser: NewBrowser) -> None:
    person = Person()
    browser.signed_in_at_hosted_ui(person)
    other = new_browser(HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
    other.signed_in_at_hosted_ui(person)
    assert browser.is_signed_in()
    page = browser.get("/accounts/profile/devices/").content.decode()
    assert page.count('<span class="tag">This device</span>') == 1
    assert "Firefox on Windows" in page
    assert page.count("/end/") == 2


@pytest.mark.parametrize(
    "cookies",
    [
        f"{COOKIE}=aaaa; {COOKIE}=bbbb",
        f"{COOKIE}=",
        f"{COOKIE}={'x' * 3_000}",
        f"{COOKIE}=../../etc/passwd",
        f'{COOKIE}="\\000aaaaaaaaaaaa"',
        f"{COOKIE}=\xff\xfe\xfd",
        f"{COOKIE}=%00%0d%0a",
        "=; ;;; =a; \x01=\x02",
        "; ".join(f"c{number}={'y' * 60}" for number in range(50)),
        "; ".join(f"gatehouse-login-{number:08}=garbage" for number in range(50)),
        "; ".join(f"gatehouse-login-{end}" for end in ("x=..", "y=.9.", "z=\xe9.\xe9.\xe9")),
        "gatehouse-csrf=short",
        "gatehouse-csrf=" + "z" * 2_000,
    ],
)
def test_malformed_cookies_cause_neither_an_error_nor_a_session(
    new_browser: NewBrowser, cookies: str
) -> None:
    browser = new_browser()
    for path in (
        "/",
        PROFILE,
        "/accounts/login/",
        "/accounts/callback/?state=x&code=y",
        STAFF_PAGE,
    ):
        response = browser.get(path, HTTP_COOKIE=cookies)
        assert response.status_code in {200, 302, 400}
    assert browser.post("/accounts/logout/", HTTP_COOKIE=cookies).status_code == 302
    assert not BrowserSession.objects.exists()


@pytest.mark.parametrize(
    "key", ["", "a" * 31, "a" * 33, "A" * 32, "a" * 31 + "\0", "a" * 31 + "\n", "\u0660" * 32, None]
)
def test_malformed_session_key_is_not_looked_up(
    key: str | None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert SessionStore(key).get("anything") is None


def test_second_cookie_of_the_same_name_ends_no_session(browser: Browser) -> None:
    browser.signed_in()
    mine = browser.cookies[COOKIE].value
    for header in (f"{COOKIE}=tossed; {COOKIE}={mine}", f"{COOKIE}={mine}; {COOKIE}=tossed"):
        assert browser.get(PROFILE, HTTP_COOKIE=header).status_code in {200, 302}
    assert BrowserSession.objects.count() == 1


def test_idle_session_ends(browser: Browser, provider: Provider, clock: Clock) -> None:
    browser.signed_in()
    for _ in range(3):
        clock.advance(7 * 3600)
        assert browser.is_signed_in()
    clock.advance(8 * 3600 + 61)
    assert not browser.is_signed_in()
    assert not BrowserSession.objects.exists()


@pytest.mark.slow
def test_session_ends_a_week_after_the_sign_in(browser: Browser, clock: Clock) -> None:
    browser.signed_in()
    for _ in range(27):
        clock.advance(6 * 3600)
        assert browser.is_signed_in()
    clock.advance(6 * 3600 + 1)
    assert not browser.is_signed_in()


def test_absolute_limit_applies_to_a_session_in_use(
    browser: Browser, clock: Clock, settings: Settings
) -> None:
    settings.SESSION_ABSOLUTE_SECONDS = 3600
    browser.signed_in()
    clock.advance(3500)
    assert browser.is_signed_in()
    clock.advance(101)
    assert not browser.is_signed_in()


def test_only_sessions_of_visitors_and_of_the_user_pool_are_ours() -> None:
    session = SessionStore()
    assert browser_sessions.is_ours(session)
    session[auth.BACKEND_SESSION_KEY] = browser_sessions.BACKEND
    assert browser_sessions.is_ours(session)
    session[auth.BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    assert not browser_sessions.is_ours(session)


def test_session_names_our_backend_where_a_project_has_others(
    browser: Browser, settings: Settings
) -> None:
    others = ["django.contrib.auth.backends.ModelBackend"]
    settings.AUTHENTICATION_BACKENDS = [*others, *settings.AUTHENTICATION_BACKENDS]
    browser.signed_in_at_hosted_ui()
    assert browser.session[auth.BACKEND_SESSION_KEY] == browser_sessions.BACKEND
    assert browser.is_signed_in()


def test_sessions_that_were_seen_at_the_same_moment_have_one_order() -> None:
    now = timezone.now()
    user = User.objects.create(issuer="https://issuer.example.com", sub="a")
    times = {"signed_in_at": now, "last_seen_at": now, "renewed_at": now}
    made = [BrowserSession.objects.create(user=user, **times) for _ in range(8)]
    found = browser_sessions.live_sessions(issuer=user.issuer, sub=user.sub, limit=8)
    assert [one.pk for one in found] == sorted(one.pk for one in made)


def test_last_seen_is_written_once_a_minute(browser: Browser, clock: Clock) -> None:
    browser.signed_in()
    seen = BrowserSession.objects.get().last_seen_at
    clock.advance(59)
    browser.get("/")
    assert BrowserSession.objects.get().last_seen_at == seen
    clock.advance(2)
    browser.get("/")
    assert BrowserSession.objects.get().last_seen_at - seen > timedelta(seconds=60)


def test_session_without_its_row_ends(browser: Browser) -> None:
    browser.signed_in()
    BrowserSession.objects.all().delete()
    assert browser.get("/").status_code == 200
    assert not browser.is_signed_in()
    assert not Session.objects.exists()


def test_session_that_django_created_is_refused(browser: Browser) -> None:
    """It has no device row, so a sign-out could not end it."""
    user = User.objects.create(issuer="local", sub="x", is_staff=True, is_superuser=True)
    browser.force_login(user)
    assert browser.status_of(STAFF_PAGE) == 302
    assert not browser.is_signed_in()


def test_session_survives_a_change_of_the_secret_key_with_fallbacks(
    browser: Browser, provider: Provider, settings: Settings
) -> None:
    browser.signed_in()
    begun = browser.visit_hosted_ui(browser.begin(next_path=PROFILE))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = NEW_KEY
    assert browser.is_signed_in()
    assert browser.come_back(begun)["Location"] == PROFILE, "sign-ins in progress survive as well"
    settings.SECRET_KEY_FALLBACKS = []
    assert browser.is_signed_in(), "the session uses the new key now"


def test_change_of_the_secret_key_keeps_the_session_key(
    browser: Browser, settings: Settings
) -> None:
    """Other requests of the browser, which are on their way, have the same session key."""
    browser.signed_in()
    before = Session.objects.get()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = NEW_KEY
    assert browser.is_signed_in()
    after = Session.objects.get()
    assert after.session_key == before.session_key
    assert after.session_data != before.session_data
    assert browser.is_signed_in()
    assert Session.objects.get().session_data == after.session_data, "it is signed once"


def test_session_hash_differs_for_each_key_and_identity(settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS = [NEW_KEY, "another" * 10]
    one, other = User(issuer="i", sub="s"), User(issuer="is", sub="")
    hashes = {one.get_session_auth_hash(), other.get_session_auth_hash()}
    for user in (one, other):
        hashes |= set(user.get_session_auth_fallback_hash())  # type: ignore[no-untyped-call] # Django's
    assert len(hashes) == 6


def test_saving_a_deleted_session_does_not_restore_it() -> None:
    SessionStore("a" * 32).create()
    store = SessionStore(Session.objects.get().session_key)
    store["anything"] = True
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        store.save()
    assert not Session.objects.exists()


def test_change_of_the_secret_key_without_fallbacks_ends_all_sessions(
    browser: Browser, settings: Settings
) -> None:
    browser.signed_in()
    begun = browser.visit_hosted_ui(browser.begin(next_path=PROFILE))
    settings.SECRET_KEY = NEW_KEY
    assert browser.get("/").status_code == 200
    assert not browser.is_signed_in()
    assert browser.come_back(begun).status_code == 400
    browser.signed_in()
    assert browser.is_signed_in()


def test_encryption_keys_rotate_without_ending_sessions(
    browser: Browser, provider: Provider, clock: Clock, settings: Settings
) -> None:
    browser.signed_in()
    (old_key,) = settings.TOKEN_ENCRYPTION_KEYS
    settings.TOKEN_ENCRYPTION_KEYS = ("b" * 43 + "=", old_key)
    clock.advance(301)
    assert browser.is_signed_in()
    assert provider.hits("GetTokensFromRefreshToken") == 1


def test_new_client_secret_ends_no_session(
    browser: Browser, provider: Provider, clock: Clock, settings: Settings
) -> None:
    browser.signed_in()
    settings.COGNITO_CLIENT_SECRET = "the-web-clients-next-secret"
    client = replace(provider.pool.client, client_secret=settings.COGNITO_CLIENT_SECRET)
    provider.pool.client = client
    clock.advance(301)
    assert browser.is_signed_in()
    assert provider.hits("GetTokensFromRefreshToken") == 1
    browser.signed_in()
    assert browser.is_signed_in()


def test_refresh_tokens_are_encrypted_at_rest(browser: Browser, provider: Provider) -> None:
    browser.signed_in()
    stored = BrowserSession.objects.get().refresh_token
    assert encryption.decrypt(stored) in provider.secrets
    assert not any(secret in stored for secret in provider.secrets)
    data = Session.objects.get().get_decoded()
    assert not any(secret in str(data) for secret in provider.secrets)


def test_session_is_over_after_the_idle_limit(browser: Browser) -> None:
    browser.signed_in()
    row = BrowserSession.objects.get()
    idle = timedelta(hours=8)
    assert not browser_sessions.is_over(row, row.last_seen_at + idle)
    assert browser_sessions.is_over(row, row.last_seen_at + idle + timedelta(seconds=1))
    assert not browser_sessions.is_over(row, timezone.now() - timedelta(days=1))


def test_no_query_reads_a_whole_table(browser: Browser, clock: Clock) -> None:
    """Otherwise expired rows would slow down sign-ins, visits, renewals and sign-outs."""
    with CaptureQueriesContext(connection) as captured:
        browser.signed_in_at_hosted_ui()
        assert browser.is_signed_in()
        clock.advance(301)
        assert browser.is_signed_in()
        browser.post("/accounts/logout/")
    statements = {query["sql"] for query in captured if not query["sql"].startswith("EXPLAIN")}
    plans = [
        (sql, row[3])
        for sql in statements
        if sql.startswith(("SELECT", "UPDATE", "DELETE"))
        for row in explained(sql)
    ]
    assert len(plans) > 10
    assert not [plan for plan in plans if plan[1].startswith("SCAN")]


def explained(sql: str) -> list[tuple[int, int, int, str]]:
    """Return SQLite's query plan. Its fourth column says how a table is read."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        rows: list[tuple[int, int, int, str]] = cursor.fetchall()
        return rows


def test_session_of_another_user_is_not_ended(browser: Browser, new_browser: NewBrowser) -> None:
    browser.signed_in(Person())
    row = BrowserSession.objects.get()
    new_browser().signed_in(Person())
    other_user = User.objects.exclude(pk=row.user.pk).get()
    assert browser_sessions.end(row.pk, of_user=other_user) is None
    assert BrowserSession.objects.count() == 2
    assert browser_sessions.end(row.pk, of_user=row.user) == row
    assert BrowserSession.objects.get().user == other_user


def test_sign_in_locks_the_session_of_the_browser_before_its_user(browser: Browser) -> None:
    """A renewal locks them in the same order. Otherwise both could wait for each other."""
    browser.signed_in_at_hosted_ui()
    with recorded_steps() as steps:
        browser.signed_in_at_hosted_ui()
    locks = [step for step in steps if step.startswith("lock ")]
    assert locks[:2] == ["lock accounts_browsersession", "lock accounts_user"]
    assert "insert accounts_browsersession" in steps
