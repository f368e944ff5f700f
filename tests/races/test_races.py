"""Simultaneous requests, on a database with row locks and real parallelism."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import requests
from psycopg import sql

from tests.races.browser import HTTPBrowser, at_once
from tests.races.conftest import Deployment
from tests.support.clock import wait_until
from tests.support.provider.people import Person

CODES = "/oauth2/token"
REFRESHES = "GetTokensFromRefreshToken"


def count(deployment: Deployment, table: str) -> int:
    statement = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    [(number,)] = deployment.query(statement)
    assert isinstance(number, int)
    return number


def waiting_for_locks(deployment: Deployment) -> int:
    """Return the number of database connections that wait for a lock."""
    return len(deployment.query(sql.SQL("SELECT pid FROM pg_locks WHERE NOT granted")))


def make_renewals_due(deployment: Deployment, device: object = None) -> None:
    """Make the renewal due for one browser session, or for all."""
    overdue = "UPDATE accounts_browsersession SET renewed_at = now() - interval '10 minutes'"
    only = sql.SQL(" WHERE id = {}").format(sql.Literal(device)) if device else sql.SQL("")
    deployment.query(sql.SQL(overdue) + only)


def test_twenty_simultaneous_first_sign_ins_create_one_user(deployment: Deployment) -> None:
    deployment.provider.person = Person(groups=["operators"])
    browsers = [HTTPBrowser(deployment) for _ in range(20)]
    addresses = [browser.callback_address() for browser in browsers]
    answers = at_once(
        partial(browser.page, address) for browser, address in zip(browsers, addresses, strict=True)
    )
    assert [answer.status_code for answer in answers] == [302] * 20
    assert count(deployment, "accounts_user") == 1
    assert count(deployment, "accounts_browsersession") == 20
    assert all(browser.page("/accounts/profile/").status_code == 200 for browser in browsers)
    assert browsers[0].page("/admin/").status_code == 200  # only with console


def test_callback_opened_ten_times_exchanges_its_code_once(deployment: Deployment) -> None:
    browser = HTTPBrowser(deployment)
    address = browser.callback_address()
    answers = at_once([lambda: browser.page(address)] * 10)
    assert deployment.provider.hits(CODES) == 1
    assert count(deployment, "accounts_browsersession") == 1
    # The other requests fail because the callback is used, or redirect to the home page if the
    # first had already signed in.
    assert sorted({answer.status_code for answer in answers}) in ([302], [302, 400])


def test_simultaneous_renewals_refresh_once_and_keep_the_session(deployment: Deployment) -> None:
    """With rotation and no grace period, a second use of a refresh token ends the sign-in."""
    deployment.provider.pool.rotates = True
    deployment.provider.pool.grace_seconds = 0
    browser = HTTPBrowser(deployment).signed_in()
    for _ in range(3):
        deployment.provider.received.clear()
        make_renewals_due(deployment)
        answers = at_once([lambda: browser.page("/accounts/profile/")] * 8)
        assert [answer.status_code for answer in answers] == [200] * 8
        assert deployment.provider.hits(REFRESHES) == 1
    assert deployment.provider.pool.live_sign_ins() >= 1


def test_simultaneous_second_factor_pages_use_no_refresh_token_twice(
    deployment: Deployment,
) -> None:
    """Each page exchanges the refresh token that the previous page received."""
    deployment.provider.pool.rotates = True
    deployment.provider.pool.grace_seconds = 0
    browser = HTTPBrowser(deployment).signed_in()
    deployment.provider.received.clear()
    answers = at_once([lambda: browser.page("/accounts/second-factor/")] * 4)
    assert [answer.status_code for answer in answers] == [200] * 4
    spent = [
        json.loads(one.body)["RefreshToken"] for one in deployment.provider.requests(REFRESHES)
    ]
    assert len(spent) == len(set(spent)) == 4
    assert browser.page("/accounts/profile/").status_code == 200


def test_signing_out_a_renewing_device_revokes_its_newest_token(
    deployment: Deployment,
) -> None:
    provider = deployment.provider
    provider.pool.rotates = True
    provider.pool.grace_seconds = 0
    renewing = HTTPBrowser(deployment).signed_in()
    [(device,)] = deployment.query(sql.SQL("SELECT id FROM accounts_browsersession"))
    other = HTTPBrowser(deployment).signed_in()
    token = other.csrf_token()
    make_renewals_due(deployment, device)
    provider.behave(refresh="delay:0.7")
    with ThreadPoolExecutor(1) as threads:
        renewal = threads.submit(renewing.page, "/accounts/profile/")
        wait_until(lambda: provider.hits(REFRESHES) == 1)
        answer = other.post_form(f"/accounts/sessions/{device}/end/", token)
        assert answer.headers["Location"] == "/accounts/profile/devices/"
        assert renewal.result().status_code == 200
    provider.behave()
    spent = json.loads(provider.requests(REFRESHES)[0].body)["RefreshToken"]
    [revocation] = provider.requests("RevokeToken")
    assert json.loads(revocation.body)["Token"] != spent
    assert renewing.page("/accounts/profile/").status_code == 302
    assert other.page("/accounts/profile/").status_code == 200


def test_signing_out_during_a_renewal_leaves_no_session(deployment: Deployment) -> None:
    provider = deployment.provider
    provider.pool.rotates = True
    provider.pool.grace_seconds = 0
    browser = HTTPBrowser(deployment).signed_in()
    others = provider.pool.live_sign_ins() - 1
    token = browser.csrf_token()
    # A second window of the same browser has the same cookies.
    window = HTTPBrowser(deployment)
    window.cookies.update(browser.cookies)
    make_renewals_due(deployment)
    provider.behave(refresh="delay:0.7")
    with ThreadPoolExecutor(1) as threads:
        renewal = threads.submit(browser.page, "/accounts/profile/")
        wait_until(lambda: provider.hits(REFRESHES) == 1)
        answer = window.post_form("/accounts/logout/", token)
        assert answer.headers["Location"].startswith(f"{provider.url}/logout?")
        assert renewal.result().status_code == 200
    provider.behave()
    assert count(deployment, "accounts_browsersession") == 0
    assert provider.pool.live_sign_ins() == others
    for after in (browser, window):
        assert after.page("/accounts/profile/").status_code == 302


def test_two_simultaneous_sign_outs_both_succeed_and_revoke_once(deployment: Deployment) -> None:
    browser = HTTPBrowser(deployment).signed_in()
    token = browser.csrf_token()
    window = HTTPBrowser(deployment)
    window.cookies.update(browser.cookies)
    answers = at_once(
        [partial(one.post_form, "/accounts/logout/", token) for one in (browser, window)]
    )
    assert [answer.status_code for answer in answers] == [302, 302]
    assert deployment.provider.hits("RevokeToken") == 1
    assert count(deployment, "accounts_browsersession") == 0


def test_sign_in_during_a_renewal_causes_no_deadlock(
    deployment: Deployment,
) -> None:
    provider = deployment.provider
    browser = HTTPBrowser(deployment).signed_in()
    address = browser.callback_address("/accounts/login/?next=/accounts/profile/")
    other_tab = HTTPBrowser(deployment)
    other_tab.cookies.update(browser.cookies)
    provider.received.clear()
    provider.behave(token="delay:0.6", refresh="delay:0.6")
    with ThreadPoolExecutor(2) as threads:
        sign_in = threads.submit(browser.page, address)
        wait_until(lambda: provider.hits(CODES) == 1)
        # The renewal has locked the session and needs the user. The sign-in needs both.
        make_renewals_due(deployment)
        renewal = threads.submit(other_tab.page, "/accounts/profile/")
        wait_until(lambda: provider.hits(REFRESHES) == 1)
        assert sign_in.result().status_code == 302
        assert renewal.result().status_code == 200
    provider.behave()
    assert browser.page("/accounts/profile/").status_code == 200
    assert count(deployment, "accounts_browsersession") == 1


def test_signing_out_everywhere_during_renewals_leaves_no_session(deployment: Deployment) -> None:
    deployment.provider.person = Person()
    browsers = [HTTPBrowser(deployment).signed_in() for _ in range(4)]
    token = browsers[0].csrf_token()
    make_renewals_due(deployment)
    deployment.provider.behave(refresh="delay:0.3")
    renewals = [partial(browser.page, "/accounts/profile/") for browser in browsers[1:]]
    answers = at_once(
        [partial(browsers[0].post_form, "/accounts/sessions/end-all/", token), *renewals]
    )
    deployment.provider.behave()
    assert all(answer.status_code in {200, 302} for answer in answers)
    assert count(deployment, "accounts_browsersession") == 0
    assert all(browser.page("/accounts/profile/").status_code == 302 for browser in browsers)


def test_signing_out_everywhere_during_a_sign_in_leaves_no_session(deployment: Deployment) -> None:
    deployment.provider.person = Person()
    browser, late = HTTPBrowser(deployment).signed_in(), HTTPBrowser(deployment)
    token = browser.csrf_token()
    address = late.callback_address("/accounts/login/?next=/accounts/profile/")
    with psycopg.connect(deployment.database_url) as holder, ThreadPoolExecutor(2) as threads:
        # The sign-in has found no revocation, and waits before it creates its session.
        holder.execute("LOCK TABLE accounts_browsersession IN SHARE MODE")
        sign_in = threads.submit(late.page, address)
        wait_until(lambda: waiting_for_locks(deployment) == 1)
        sign_out = threads.submit(browser.post_form, "/accounts/sessions/end-all/", token)
        wait_until(lambda: waiting_for_locks(deployment) == 2)
        holder.rollback()
        assert [one.result().status_code for one in (sign_in, sign_out)] == [302, 302]
    assert count(deployment, "accounts_browsersession") == 0
    assert late.page("/accounts/profile/").status_code == 302


def test_cookie_with_a_nul_has_no_session(deployment: Deployment) -> None:
    """PostgreSQL cannot store a NUL in a text, and a quoted cookie can contain one."""
    answer = requests.get(
        f"{deployment.public_url}/accounts/profile/",
        headers={"Cookie": 'gatehouse-session="\\000aaaaaaaaaaaa"'},
        allow_redirects=False,
        timeout=20,
    )
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_twenty_simultaneous_first_api_calls_fetch_the_keys_once(deployment: Deployment) -> None:
    factory = deployment.provider.pool.factory(Person())
    header = {"Authorization": f"Bearer {factory.access()}"}
    url = f"{deployment.public_url}/api/v1/me"
    answers = at_once([lambda: requests.get(url, headers=header, timeout=20)] * 20)
    assert [answer.status_code for answer in answers] == [200] * 20
    assert deployment.provider.hits("jwks") <= 1
    assert count(deployment, "accounts_user") == 0
