"""`GET /api/v1/session`, and the session as the credential of the notes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import BrowserSession, User
from api.notes.models import Note
from tests.api.session.conftest import NOTES, SESSION, OwnPage
from tests.support.answers import assert_problem, body_of, challenge
from tests.support.clock import ends_within
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.deadlines import WITHIN
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider
from tests.support.tokens import tokens_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keys")]

REFRESH = "GetTokensFromRefreshToken"
DUE = 301.0


def after(moment: datetime, seconds: int) -> str:
    return f"{moment.astimezone(UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


def test_session_names_its_user_its_end_and_a_csrf_token(ada: OwnPage, settings: Settings) -> None:
    response = ada()
    user, session = User.objects.get(), BrowserSession.objects.get()
    body = body_of(response)
    assert len(body.pop("csrf_token")) == 64
    assert body == {
        "signed_in": True,
        "user": {
            "sub": user.sub,
            "username": user.sub,
            "name": "Ada Lovelace",
            "email": "ada@example.com",
            "email_verified": True,
            "groups": ["editors"],
        },
        "idle_expires_at": after(session.last_seen_at, settings.SESSION_IDLE_SECONDS),
        "expires_at": after(session.signed_in_at, settings.SESSION_ABSOLUTE_SECONDS),
        "sign_out_url": "/accounts/logout/",
    }


def test_answers_are_neither_stored_nor_shared(ada: OwnPage) -> None:
    for response in (ada(), ada(NOTES), OwnPage(Browser(ada.browser.provider))(NOTES)):
        assert response["Cache-Control"] == "no-store"
        varying = {name.strip().lower() for name in response["Vary"].split(",")}
        assert varying >= {"authorization", "cookie", "origin", "sec-fetch-site"}
        assert "Access-Control-Allow-Credentials" not in response


def test_each_request_extends_the_idle_limit_but_not_the_absolute_one(
    ada: OwnPage, clock: Clock
) -> None:
    before = body_of(ada())
    clock.advance(3600)
    later = body_of(ada())
    assert later["expires_at"] == before["expires_at"]
    extended = datetime.fromisoformat(later["idle_expires_at"])
    assert extended - datetime.fromisoformat(before["idle_expires_at"]) >= timedelta(seconds=3600)


@pytest.mark.parametrize(("path", "scope"), [(SESSION, ""), (NOTES, 'scope="api/read"')])
def test_visitor_is_told_where_to_sign_in(new_browser: NewBrowser, path: str, scope: str) -> None:
    response = OwnPage(new_browser())(path)
    problem = assert_problem(response, 401, "not_authenticated")
    assert (problem["signed_in"], problem["sign_in_url"]) == (False, "/accounts/login/")
    assert response["WWW-Authenticate"] == challenge(scope)
    assert response.cookies == {}


def test_session_cookie_without_a_sign_in_is_that_of_a_visitor(ada: OwnPage) -> None:
    session = ada.browser.session
    session.flush()
    session["a message"] = "of a visitor"
    session.save()
    ada.browser.cookies["gatehouse-session"] = str(session.session_key)
    assert_problem(ada(), 401, "not_authenticated")


@pytest.mark.parametrize("cookie", ["x", "../../etc/passwd", "A" * 32, "a" * 33, "", "é"])
def test_malformed_cookie_is_that_of_a_visitor(new_browser: NewBrowser, cookie: str) -> None:
    page = OwnPage(new_browser())
    page.browser.cookies["gatehouse-session"] = cookie
    assert_problem(page(), 401, "not_authenticated")


def end_elsewhere(page: OwnPage, clock: Clock) -> None:
    BrowserSession.objects.all().delete()


def delete_row(page: OwnPage, clock: Clock) -> None:
    BrowserSession.objects.all().delete()
    page.browser.session.delete()


def deactivate(page: OwnPage, clock: Clock) -> None:
    User.objects.update(is_active=False)


def disable_in_the_pool(page: OwnPage, clock: Clock) -> None:
    page.browser.provider.person.is_enabled = False
    clock.advance(DUE)


def delete_user(page: OwnPage, clock: Clock) -> None:
    User.objects.all().delete()


def wait_for_the_idle_limit(page: OwnPage, clock: Clock) -> None:
    clock.advance(28_801)


ENDINGS = [
    end_elsewhere,
    delete_row,
    deactivate,
    disable_in_the_pool,
    delete_user,
    wait_for_the_idle_limit,
]


@pytest.mark.parametrize("end", ENDINGS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_session_that_has_ended_is_gone(
    ada: OwnPage, clock: Clock, end: object, method: str
) -> None:
    ada.opened()
    assert callable(end)
    end(ada, clock)
    response = ada(NOTES, method=method, body={"title": "late"} if method == "POST" else None)
    problem = assert_problem(response, 410, "session_ended")
    assert (problem["signed_in"], problem["sign_in_url"]) == (False, "/accounts/login/")
    assert not Note.objects.exists()
    # The browser deletes the cookie, so it is a visitor's from now on.
    assert "gatehouse-session" not in ada.browser.cookies
    assert_problem(ada(), 401, "not_authenticated")


def test_page_reads_writes_and_deletes_notes(ada: OwnPage) -> None:
    ada.opened()
    created = ada(NOTES, method="POST", body={"title": "Tea"})
    assert created.status_code == 201, created.content
    assert ada.titles() == ["Tea"]
    path = created["Location"]
    assert ada(path, method="PATCH", body={"title": "Coffee"}).status_code == 200
    assert ada.titles() == ["Coffee"]
    assert ada(path, method="DELETE").status_code == 204
    assert ada.titles() == []


def test_notes_of_a_session_are_those_of_the_users_tokens(ada: OwnPage) -> None:
    ada.opened()(NOTES, method="POST", body={"title": "Tea"})
    token = tokens_of(User.objects.get().sub).access(scope="openid")
    response = ada(NOTES, authorization=f"Bearer {token}")
    assert [note["title"] for note in body_of(response)["results"]] == ["Tea"]


def test_user_of_another_session_sees_and_changes_none_of_the_notes(
    ada: OwnPage, new_browser: NewBrowser
) -> None:
    created = ada.opened()(NOTES, method="POST", body={"title": "Tea"})
    bob = OwnPage(new_browser(enforce_csrf_checks=True).signed_in(Person(email="bob@example.com")))
    bob.opened()
    assert bob.titles() == []
    for method in ("GET", "PATCH", "DELETE"):
        assert_problem(bob(created["Location"], method=method), 404, "not_found")


def test_bearer_decides_alone_when_it_disagrees_with_the_cookie(ada: OwnPage) -> None:
    ada.opened()(NOTES, method="POST", body={"title": "of the cookie"})
    token = tokens_of("another-user").access(scope="openid")
    good, bad = f"Bearer {token}", f"Bearer {token[:-9]}AAAAAAAAA"
    written = ada(NOTES, method="POST", body={"title": "of the bearer"}, authorization=good)
    assert written.status_code == 201
    assert ada.titles() == ["of the cookie"]
    listed = body_of(ada(NOTES, authorization=good))["results"]
    assert [note["title"] for note in listed] == ["of the bearer"]
    for header in (bad, "Bearer x", "Basic eDp5", "Bearer", "null"):
        for method in ("GET", "POST"):
            response = ada(NOTES, method=method, body={"title": "x"}, authorization=header)
            assert response.status_code == 401
            assert "sign_in_url" not in body_of(response)
    assert_problem(ada(NOTES, authorization=""), 401, "not_authenticated")
    assert ada.titles() == ["of the cookie"]


def test_bearer_needs_neither_csrf_token_nor_same_origin(ada: OwnPage) -> None:
    token = tokens_of("another-user").access(scope="openid")
    response = ada(
        NOTES,
        method="POST",
        body={"title": "Tea"},
        authorization=f"Bearer {token}",
        sec_fetch_site="cross-site",
        origin="https://evil.example",
    )
    assert response.status_code == 201


def test_session_is_not_described_to_a_token(ada: OwnPage) -> None:
    header = f"Bearer {tokens_of('another-user').access(scope='openid')}"
    assert_problem(ada(authorization=header), 403, "session_required")
    assert_problem(ada(authorization="Bearer x"), 401, "malformed_token")


def test_csrf_token_of_the_session_signs_out(ada: OwnPage) -> None:
    ada.opened()
    form = {"csrfmiddlewaretoken": ada.csrf_token}
    assert ada.browser.post("/accounts/logout/", form).status_code == 302
    assert_problem(ada(), 401, "not_authenticated")


def test_sign_in_of_another_user_invalidates_the_csrf_token_of_an_open_page(ada: OwnPage) -> None:
    """A page that still shows one user must not write in the name of the next one."""
    ada.opened()
    ada.browser.signed_in_at_hosted_ui(Person(email="bob@example.com"))
    assert_problem(ada(NOTES, method="POST", body={"title": "x"}), 403, "csrf_failed")
    assert not Note.objects.exists()


def test_group_of_the_session_follows_the_renewal(
    ada: OwnPage, clock: Clock, provider: Provider
) -> None:
    provider.person.groups = []
    assert body_of(ada())["user"]["groups"] == ["editors"]
    clock.advance(DUE)
    assert body_of(ada())["user"]["groups"] == []
    assert body_of(ada())["user"]["groups"] == []
    assert provider.hits(REFRESH) == 1


@pytest.mark.urls("tests.api.urls")
def test_removal_from_a_group_removes_the_right_of_a_session(
    ada: OwnPage, clock: Clock, provider: Provider
) -> None:
    path = "/api/v1/editors-by-session"
    assert ada(path).status_code == 200
    provider.person.groups = []
    clock.advance(DUE)
    assert_problem(ada(path), 403, "not_in_group")


@pytest.mark.urls("tests.api.urls")
def test_groups_do_not_count_after_a_long_outage(
    ada: OwnPage, clock: Clock, provider: Provider
) -> None:
    path = "/api/v1/editors-by-session"
    provider.behave(refresh="status:503")
    clock.advance(20 * 60 - 1)
    assert ada(path).status_code == 200
    clock.advance(2)
    assert_problem(ada(path), 403, "not_in_group")


@pytest.mark.slow
def test_answer_comes_in_time_while_the_renewal_hangs(
    ada: OwnPage, clock: Clock, provider: Provider
) -> None:
    clock.advance(DUE)
    provider.behave(refresh="hang")
    with ends_within(WITHIN):
        assert ada().status_code == 200


def test_cookie_without_same_origin_causes_no_query_and_no_renewal(
    ada: OwnPage,
    clock: Clock,
    provider: Provider,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    clock.advance(DUE)
    with django_assert_num_queries(0):
        assert_problem(ada(sec_fetch_site="cross-site"), 401, "not_authenticated")
        assert_problem(ada(sec_fetch_site="same-site"), 401, "not_authenticated")
        assert_problem(ada(NOTES, method="POST", body={}, origin="null"), 401, "not_authenticated")
    assert provider.hits(REFRESH) == 0


def test_request_of_a_session_needs_two_queries_of_its_own(
    ada: OwnPage, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # The session, its device with the user, and the notes.
    with django_assert_num_queries(3):
        assert ada(NOTES).status_code == 200
