"""The list of users: the search for a person, and a bounded number of calls for each page."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.console.directory import list_views, local_people
from accounts.models import User
from cognito.directory.people import searches_for
from cognito.directory.records import DirectoryUser
from tests.accounts.console.conftest import row_of, session_of
from tests.support.clock import ends_within
from tests.support.pool_stub import PoolStub
from tests.support.provider.deadlines import WITHIN

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/directory/"
DETAILS = f"{LIST}details/"
# The users, and the facts of the pool. A page reads at most three pages of a search.
MOST_CALLS = 3 + 1


def listed(number: int, **attributes: str) -> dict[str, Any]:
    known = {"sub": f"sub-{number}", "email": f"user-{number}@example.com"} | attributes
    return {
        "Username": known["sub"],
        "Enabled": True,
        "UserStatus": "CONFIRMED",
        "Attributes": [{"Name": name, "Value": value} for name, value in known.items()],
    }


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()
    return str(response.content.decode())


@pytest.fixture
def stub(stub: PoolStub) -> PoolStub:
    """A stub of a pool whose searches find no user."""
    stub.answer("ListUsers", {"Users": []})
    return stub


@pytest.fixture
def crowd(stub: PoolStub) -> PoolStub:
    """A pool that estimates 10,000 users, of which each answer has 20 and a token."""
    users = [listed(number) for number in range(20)]
    stub.answer("ListUsers", {"Users": users, "PaginationToken": "more"})
    policy = {"PasswordPolicy": {"TemporaryPasswordValidityDays": 3}}
    stub.answer("DescribeUserPool", {"UserPool": {"EstimatedNumberOfUsers": 10_000} | policy})
    stub.answer("AdminListGroupsForUser", {"Groups": [{"GroupName": "readers"}]})
    return stub


# --- Pages


def test_page_of_a_large_pool_makes_a_bounded_number_of_calls_and_queries(
    root: User,
    client: Client,
    crowd: PoolStub,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(12):
        page = text(client.get(LIST))
    assert len(crowd.received) <= MOST_CALLS
    assert page.count('name="user"') == 20
    assert "20 users on this page" in page
    assert "Cognito estimates 10,000 users" in page
    assert page.count('<td data-label="Groups" data-later>') == 20
    assert "Next page" in page


@pytest.mark.slow
def test_groups_and_factors_come_after_the_list_or_by_a_link(
    root: User, client: Client, crowd: PoolStub
) -> None:
    assert f'data-details="{DETAILS}"' in text(client.get(f"{LIST}?status=ENABLED"))
    crowd.received.clear()
    names = [f"sub-{number}" for number in range(20)]
    cells = text(client.get(DETAILS, {"user": names}))
    assert len(crowd.received) == 2 * 20
    assert cells.count('<td data-label="Groups">readers</td>') == 20
    assert '<tr data-user="sub-0">' in cells
    # A browser without JavaScript gets a link instead.
    page = text(client.get(LIST))
    assert '<noscript><p><a href="?details=1">Show groups and factors</a></p></noscript>' in page
    page = text(client.get(f"{LIST}?details=1"))
    assert page.count('<td data-label="Groups">readers</td>') == 20
    assert "data-later" not in page


def test_details_are_for_a_bounded_number_of_names(
    root: User, client: Client, crowd: PoolStub
) -> None:
    cells = text(client.get(DETAILS, {"user": [f"sub-{number}" for number in range(100)]}))
    assert cells.count("data-user") == list_views.MAX_ROWS
    for name in ("", "a\0b", "a" * 129):
        text(client.get(DETAILS, {"user": name}), 400)
    assert "data-user" not in text(client.get(DETAILS))


def test_details_need_the_right_to_see_the_directory(client: Client, stub: PoolStub) -> None:
    response = client.get(DETAILS, {"user": "ada"})
    assert response.status_code == 302
    assert stub.received == []


def test_list_says_when_a_user_was_last_seen_on_this_site(
    root: User, client: Client, stub: PoolStub, ada: DirectoryUser
) -> None:
    stub.answer("ListUsers", {"Users": [listed(1, sub=ada.sub), listed(2)]})
    session = session_of(row_of(ada, is_active=False))
    type(session).objects.update(last_seen_at=timezone.now() - timedelta(hours=3))
    page = text(client.get(LIST))
    assert "3\u00a0hours ago" in page
    assert "Disabled on this site" in page
    assert page.count(">Never<") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "column"),
    [("AdminListGroupsForUser", "Groups"), ("AdminGetUserAuthFactors", "Factors")],
)
@pytest.mark.parametrize("fault", ["TooManyRequestsException", "status:503", "reset"])
def test_details_that_the_pool_does_not_give_are_marked(
    *, root: User, client: Client, crowd: PoolStub, operation: str, column: str, fault: str
) -> None:
    crowd.tell(operation, fault)
    cell = f'<td data-label="{column}"><span class="unknown">Not read</span></td>'
    assert text(client.get(f"{LIST}?details=1")).count(cell) == 20


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["AdminGetUserAuthFactors", "DescribeUserPool"])
def test_list_is_shown_in_time_while_a_part_hangs(
    root: User, client: Client, crowd: PoolStub, operation: str
) -> None:
    text(client.get(f"{LIST}?details=1"))
    crowd.tell(operation, "hang")
    with ends_within(WITHIN):
        page = text(client.get(f"{LIST}?details=1"))
    assert "user-19@example.com" in page


def test_all_users_of_a_page_are_selected_without_javascript(
    root: User, client: Client, crowd: PoolStub
) -> None:
    page = text(client.get(LIST))
    assert 'href="?select=all"' in page
    assert text(client.get(LIST, {"select": "all"})).count(" checked>") == 20


def test_action_without_a_selection_returns_to_the_same_list(
    root: User, client: Client, crowd: PoolStub
) -> None:
    page = text(client.get(LIST, {"q": "user", "field": "email"}))
    assert 'name="list" value="q=user&amp;field=email"' in page
    form = {"action": "disable", "list": "q=user&field=email&next=https://example.org"}
    answer = client.post(f"{LIST}bulk/", form)
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?q=user&field=email")
    assert "Select at least one user" in text(client.get(answer["Location"]))
    assert client.post(f"{LIST}bulk/", form | {"list": "a&" * 20_000}).status_code == 400


def test_row_offers_what_suits_the_user(root: User, client: Client, stub: PoolStub) -> None:
    invited = listed(1) | {"UserStatus": "FORCE_CHANGE_PASSWORD"}
    disabled = listed(2) | {"Enabled": False}
    stub.answer("ListUsers", {"Users": [invited, disabled]})
    page = text(client.get(LIST))
    assert "/users/sub-1/resend-invitation/" in page
    assert "/users/sub-1/disable/" in page
    assert "/users/sub-2/enable/" in page
    assert "/users/sub-2/disable/" not in page


# --- The search


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("ada lo", {"email", "name", "family_name", "given_name", "username"}),
        ("ada@ex", {"email", "username", "preferred_username"}),
        ("+49 151 12", {"phone_number", "username", "email"}),
        ("0049151", {"phone_number", "username", "email"}),
        ("35319903-d9f5", {"sub", "username", "email"}),
        ("20", {"email", "name", "family_name", "given_name", "username"}),
    ],
)
def test_search_asks_for_the_attributes_that_a_text_can_belong_to(
    words: str, fields: set[str]
) -> None:
    searches = searches_for(words)
    assert {search.field for search in searches} == fields
    phones = [search.prefix for search in searches if search.field == "phone_number"]
    assert phones in ([], ["+4915112"], ["+49151"])


def test_person_is_found_by_any_attribute_once(root: User, client: Client, stub: PoolStub) -> None:
    stub.answer("ListUsers", {"Users": [listed(1, name="Ada Lovelace", family_name="Ada")]})
    page = text(client.get(LIST, {"q": "ada"}))
    filters = [call["Filter"] for call in stub.calls("ListUsers")]
    assert sorted(filters) == sorted(
        f'{field} ^= "ada"' for field in ("email", "name", "family_name", "given_name", "username")
    )
    assert page.count('name="user"') == 1
    assert "1 person found." in page


def test_part_of_a_name_finds_people_who_have_signed_in_here(
    root: User, client: Client, stub: PoolStub, ada: DirectoryUser
) -> None:
    row = row_of(ada)
    User.objects.filter(pk=row.pk).update(name="Ada Lovelace")
    page = text(client.get(LIST, {"q": "lovel"}))
    assert f"/users/{ada.sub}/" in page
    assert "1 person found." in page
    disabled = text(client.get(LIST, {"q": "lovel", "status": "DISABLED"}))
    assert "No users match." in disabled
    stub.refuse("AdminGetUser", "UserNotFoundException")
    assert "No users match." in text(client.get(LIST, {"q": "lovel"})), "the pool has deleted her"


def test_search_for_many_local_names_makes_few_calls(
    root: User, client: Client, stub: PoolStub
) -> None:
    User.objects.bulk_create(
        User(issuer=root.issuer, sub=uuid.uuid4().hex, name=f"Common Name {number}")
        for number in range(50)
    )
    text(client.get(LIST, {"q": "common"}))
    assert len(stub.calls("AdminGetUser")) == local_people.MAX_FOUND


def test_search_says_that_more_people_match(root: User, client: Client, crowd: PoolStub) -> None:
    page = text(client.get(LIST, {"q": "user"}))
    assert "More people match." in page
    assert len(crowd.received) <= 5 * 3 + 5 + MOST_CALLS


def test_attribute_that_the_pool_cannot_search_is_skipped(
    root: User, client: Client, stub: PoolStub
) -> None:
    # Whichever of the calls is refused, another one finds her.
    stub.answer("ListUsers", {"Users": [listed(1, name="Ada", given_name="Ada")]})
    stub.refuse_once("ListUsers", "InvalidParameterException")
    page = text(client.get(LIST, {"q": "ada"}))
    assert "errornote" not in page
    assert "1 person found." in page


def test_search_that_fails_in_part_says_so(root: User, client: Client, stub: PoolStub) -> None:
    # Whichever of the calls is refused, another one finds her.
    stub.answer("ListUsers", {"Users": [listed(1, name="Ada", given_name="Ada")]})
    stub.refuse_once("ListUsers", "TooManyRequestsException")
    page = text(client.get(LIST, {"q": "ada"}))
    assert "people may be missing" in page
    assert "user-1@example.com" in page


@pytest.mark.parametrize("fault", ["TooManyRequestsException", "status:503", "html"])
def test_search_that_fails_shows_why(
    root: User, client: Client, stub: PoolStub, fault: str
) -> None:
    stub.tell("ListUsers", fault)
    answer = client.get(LIST, {"q": "ada"})
    assert answer.status_code in {429, 502, 503}
    assert 'role="alert"' in answer.content.decode()


@pytest.mark.parametrize("words", ["%", "_", "\\", '"', "' OR 1=1", "\u202e", "é" * 200])
def test_search_takes_any_text(root: User, client: Client, stub: PoolStub, words: str) -> None:
    User.objects.create(issuer=root.issuer, sub="x", name="Nothing Special")
    page = text(client.get(LIST, {"q": words}))
    assert "No users match." in page or "found" in page


def test_search_that_is_too_long_is_refused(root: User, client: Client, stub: PoolStub) -> None:
    page = text(client.get(LIST, {"q": "a" * 201}), 400)
    assert "at most 200 characters" in page
    assert not stub.received


@pytest.mark.slow
def test_local_search_reads_a_bounded_number_of_rows(root: User) -> None:
    User.objects.bulk_create(
        User(issuer=root.issuer, sub=str(number), name=f"Person {number}")
        for number in range(10_000)
    )
    began = time.monotonic()
    assert local_people.names_like("son 9999", limit=25) == {"9999": "9999"}
    assert len(local_people.names_like("son", limit=25)) == 25
    assert local_people.names_like("s", limit=25) == {}
    assert time.monotonic() - began < 1
