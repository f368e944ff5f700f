"""A form that was sent too late is shown again with its values, and is never sent by itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST
from pytest_django import Settings

from accounts.step_up import kept_forms
from accounts.step_up.guards import recent_authentication
from accounts.step_up.kept_forms import kept_values
from project.urls import handler400, handler403, handler404, handler500
from project.urls import urlpatterns as application
from tests.support.provider.browser import CONFIRM, Browser
from tests.support.provider.clock import Clock
from tests.support.provider.fixtures import NewBrowser

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

FORM, ELSEWHERE, STRICT = "/form/", "/elsewhere/", "/strict/"
VALUES: dict[str, Any] = {
    "name": "Ada <King>",
    "groups": ["readers", "writers"],
    "note": "two\nlines",
    "password": "correct horse battery",
    "new_password1": "staple",
    "passphrase": "staple",
    "otp": "123456",
    "confirmation_code": "123456",
    "client_secret": "123456",
    "csrfmiddlewaretoken": "abc",
    "typed": "ada@example.com",
}
sent: list[dict[str, list[str]]] = []


@recent_authentication(not_kept=("typed",))
def form(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        sent.append(dict(request.POST.lists()))
        return HttpResponse("sent")
    kept = kept_values(request)
    return HttpResponse("empty" if kept is None else repr(sorted(kept.lists())))


@require_POST
@recent_authentication(seconds=60)
def strict(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


urlpatterns = [path("form/", form), path("elsewhere/", form), path("strict/", strict), *application]


@pytest.fixture
def visitor(browser: Browser, clock: Clock, settings: Settings) -> Browser:
    settings.COGNITO_RENEW_SECONDS = 3600
    sent.clear()
    browser.signed_in()
    clock.advance(301)
    return browser


def next_of(response: Any) -> str:
    assert response.status_code == 302, response.content
    assert response["Location"].startswith(CONFIRM)
    return str(parse_qs(urlsplit(response["Location"]).query)["next"][0])


def test_form_is_shown_again_with_its_values_and_without_secrets(visitor: Browser) -> None:
    back = next_of(visitor.post(FORM, VALUES))
    assert urlsplit(back).path == FORM
    assert visitor.confirm(back)["Location"] == back
    page = visitor.get(back).content.decode()
    assert page == repr(
        [("groups", ["readers", "writers"]), ("name", ["Ada <King>"]), ("note", ["two\nlines"])]
    )
    assert sent == [], "the user has to send it"
    assert visitor.post(FORM, {"name": "Ada"}).content == b"sent"
    assert visitor.get(back).content == b"empty", "a form that was sent is not kept"


def test_kept_values_are_encrypted_and_are_in_no_address(visitor: Browser) -> None:
    response = visitor.post(FORM, VALUES)
    assert "Ada" not in response["Location"]
    stored = repr(visitor.session[kept_forms.SESSION_KEY])
    for value in ("Ada", "readers", "correct horse"):
        assert value not in stored


def test_kept_values_belong_to_one_address_and_one_session(
    visitor: Browser, new_browser: NewBrowser
) -> None:
    back = next_of(visitor.post(FORM, VALUES))
    query = urlsplit(back).query
    visitor.confirm(back)
    assert visitor.get(f"{ELSEWHERE}?{query}").content == b"empty"
    assert new_browser().signed_in().get(back).content == b"empty"
    assert visitor.get(FORM).content == b"empty"
    assert visitor.get(f"{FORM}?form=unknown").content == b"empty"


def test_kept_values_expire(visitor: Browser, clock: Clock) -> None:
    back = next_of(visitor.post(FORM, VALUES))
    clock.advance(kept_forms.SECONDS + 1)
    visitor.confirm(back)
    assert visitor.get(back).content == b"empty"


def test_few_forms_of_limited_size_are_kept(visitor: Browser) -> None:
    backs = [next_of(visitor.post(FORM, {"name": str(number)})) for number in range(5)]
    assert len(visitor.session[kept_forms.SESSION_KEY]) == kept_forms.MAX_FORMS
    assert next_of(visitor.post(FORM, {"note": "x" * 20_000})) == FORM
    visitor.confirm()
    shown = [visitor.get(back).content for back in backs]
    assert shown[:2] == [b"empty", b"empty"]
    assert b"'4'" in shown[-1]


def test_form_without_values_to_keep_leads_back_to_its_page(visitor: Browser) -> None:
    assert next_of(visitor.post(FORM, {"password": "x"})) == FORM
    assert kept_forms.SESSION_KEY not in visitor.session


def test_values_are_kept_beside_the_query_of_the_page(visitor: Browser) -> None:
    back = next_of(visitor.post(f"{FORM}?tab=2", {"name": "Ada"}))
    assert parse_qs(urlsplit(back).query).keys() == {"tab", "form"}
    again = next_of(visitor.post(back, {"name": "Ada"}))
    assert len(parse_qs(urlsplit(again).query)["form"]) == 1


def test_long_address_is_shortened_to_its_path(visitor: Browser) -> None:
    assert next_of(visitor.get(f"{FORM}?q={'x' * 500}")) == FORM


def test_forged_post_of_another_site_keeps_nothing(visitor: Browser) -> None:
    visitor.handler.enforce_csrf_checks = True
    assert visitor.post(FORM, VALUES).status_code == 403
    assert kept_forms.SESSION_KEY not in visitor.session


def test_view_can_demand_a_more_recent_sign_in(visitor: Browser, clock: Clock) -> None:
    visitor.confirm()
    assert visitor.post(STRICT).content == b"done"
    clock.advance(61)
    response = visitor.post(STRICT)
    assert parse_qs(urlsplit(response["Location"]).query)["max_age"] == ["60"]
    assert visitor.get(FORM).status_code == 200, "the sign-in is recent enough for other views"


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Mode": "cors"}, {"X-Requested-With": "XMLHttpRequest"}],
)
def test_script_gets_an_error_with_the_address(visitor: Browser, headers: dict[str, str]) -> None:
    response = visitor.post(FORM, VALUES, headers=headers)
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == "insufficient_user_authentication"
    assert problem["confirm_url"].startswith(f"{CONFIRM}?next=%2Fform%2F")
    assert kept_forms.SESSION_KEY not in visitor.session


def test_visitor_is_asked_to_sign_in(browser: Browser) -> None:
    assert browser.get(FORM)["Location"] == "/accounts/login/?next=%2Fform%2F"
