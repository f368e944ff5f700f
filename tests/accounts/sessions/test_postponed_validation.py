"""Views of a project at paths of the API that use the user of Django's session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import BrowserSession, User
from accounts.sign_out import sign_out
from project import urls
from project.urls import handler400, handler403, handler404, handler500  # noqa: F401 # of a URLconf
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

REFRESH = "GetTokensFromRefreshToken"
PATHS = ["/api/plain", "/api/async", "/api/framework"]


def answer(user: Any) -> HttpResponse:
    # The API's framework has None for a visitor.
    if user is None or not user.is_authenticated:
        return HttpResponse(status=401)
    return HttpResponse("staff" if user.is_staff else "user")


def plain(request: HttpRequest) -> HttpResponse:
    return answer(request.user)


async def asynchronous(request: HttpRequest) -> HttpResponse:
    return answer(await request.auser())


class Framework(APIView):
    authentication_classes = (SessionAuthentication,)
    permission_classes = ()

    def get(self, request: Request) -> Response:
        response = answer(request.user)
        return Response(response.content.decode(), status=response.status_code)


urlpatterns = [
    path("api/plain", plain),
    path("api/async", asynchronous),
    path("api/framework", Framework.as_view()),
    path("", include(urls)),
]


def text(browser: Browser, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return str(response.content.decode().strip('"'))


@pytest.mark.parametrize("address", PATHS)
def test_session_that_was_signed_out_elsewhere_has_no_user(browser: Browser, address: str) -> None:
    browser.signed_in()
    assert text(browser, address) == "user"
    user = User.objects.get()
    sign_out.sign_out_by_operator(issuer=user.issuer, sub=user.sub, is_signed_out_at_cognito=True)
    assert browser.get(address).status_code == 401


@pytest.mark.parametrize("address", PATHS)
def test_session_that_is_too_old_has_no_user(
    browser: Browser, clock: Clock, settings: Settings, address: str
) -> None:
    browser.signed_in()
    clock.advance(settings.SESSION_IDLE_SECONDS + 1)
    assert browser.get(address).status_code == 401
    assert not BrowserSession.objects.exists()


@pytest.mark.parametrize("address", PATHS)
def test_user_who_left_a_group_loses_its_rights(
    browser: Browser, provider: Provider, clock: Clock, settings: Settings, address: str
) -> None:
    person = Person(groups=["operators"])
    browser.signed_in(person)
    assert text(browser, address) == "staff"
    person.groups = []
    clock.advance(settings.COGNITO_RENEW_SECONDS + 1)
    assert text(browser, address) == "user"
    assert provider.hits(REFRESH) == 1


@pytest.mark.parametrize("address", PATHS)
def test_rights_of_a_session_that_was_not_renewed_are_withheld(
    browser: Browser, settings: Settings, address: str
) -> None:
    browser.signed_in(Person(groups=["operators"]))
    session = BrowserSession.objects.get()
    # A renewal has just failed, so the next one is not due yet.
    session.renewed_at -= timedelta(seconds=settings.COGNITO_RENEW_SECONDS + 901)
    session.ask_again_at = session.last_seen_at + timedelta(seconds=20)
    session.save()
    assert text(browser, address) == "user"


def test_visitor_and_view_without_a_user_cause_no_query(
    browser: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert browser.get("/api/plain").status_code == 401
    browser.signed_in()
    with django_assert_num_queries(0):
        assert browser.get("/api/v1/me").status_code == 401
    with django_assert_num_queries(2):
        assert browser.get("/api/plain").status_code == 200
