"""Take the pictures of the documentation again: `python -m tests.e2e.pictures`.

It runs the local stack with people and events of its own, and overwrites files in docs/images.
"""

from __future__ import annotations

import random
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from infra.environments import ROOT
from infra.local.demo import DEMO_PASSWORD, OPERATOR
from infra.setup.browser import ensure_chromium, find_chromium
from infra.users import ensure_user
from tests.e2e.conftest import DEPLOYED, Site
from tests.e2e.every_page import DIRECTORY, PROFILE
from tests.e2e.people import PASSWORD, enrol_authenticator_app
from tests.support.application import running_application, running_stack
from tests.support.browser import QUIET, new_context, sign_in

IMAGES = ROOT / "docs" / "images"
DAYS = 28
SAFE, LOCKED_OUT = "ada@example.com", "alan@example.com"
PEOPLE = {
    LOCKED_OUT: "Alan Turing",
    SAFE: "Ada Lovelace",
    "grace@example.com": "Grace Hopper",
    "katherine@example.com": "Katherine Johnson",
}
# The pictures in the one of the README: left, top, width and height of each on a ground of SIZE.
SIZE = ViewportSize(width=1400, height=830)
PARTS = {
    "sign-in": (40, 40, 640, 560),
    "account": (330, 90, 660, 520),
    "api": (40, 330, 800, 460),
    "phone": (1030, 190, 335, 600),
}


def main() -> None:
    with TemporaryDirectory() as name:
        directory = Path(name)
        with (
            running_stack(directory, run=directory) as stack,
            running_application(stack, directory, **DEPLOYED) as log,
            sync_playwright() as playwright,
        ):
            ensure_chromium()
            chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(QUIET))
            site = Site(stack, log)
            _have_people(site)
            # The first sign-in creates the rows to which events belong.
            with _signed_in(chromium, site, LOCKED_OUT, PASSWORD):
                pass
            with closing(sqlite3.connect(directory / "gatehouse.sqlite3")) as database:
                _have_events(database)
            _disable(site, LOCKED_OUT)
            _take(chromium, site)
            chromium.close()


def _have_people(site: Site) -> None:
    for email, name in PEOPLE.items():
        ensure_user(
            site.stack.aws.cognito(),
            user_pool_id=site.stack.pool.user_pool_id,
            email=email,
            password=PASSWORD,
            groups=[],
            name=name,
        )


def _disable(site: Site, email: str) -> None:
    pool_id = site.stack.pool.user_pool_id
    site.stack.aws.cognito().admin_disable_user(UserPoolId=pool_id, Username=email)


def _have_events(database: sqlite3.Connection) -> None:
    """Add events and refused requests of the last DAYS, more of them on workdays."""
    chance = random.Random(7)  # the same pictures each time
    (sub,) = database.execute(
        "SELECT sub FROM accounts_user WHERE email = ?", [LOCKED_OUT]
    ).fetchone()
    now = datetime.now(UTC)
    events: list[tuple[str, ...]] = []
    refusals: list[tuple[str, int, int]] = []
    for back in range(DAYS * 24, 0, -1):
        hour = (now - timedelta(hours=back)).replace(minute=0, second=0, microsecond=0)
        busy = (9 if 7 <= hour.hour <= 19 else 2) * (1.0 if hour.weekday() < 5 else 0.35)
        number = round(busy * chance.uniform(0.6, 1.4))
        events += [_event(chance, hour, _kind(chance)) for _ in range(number)]
        for status, share in ((401, 8), (403, 2), (429, 1)):
            refusals.append((f"{hour:%Y-%m-%d %H:00:00}", status, round(share * number / 4)))
    refused = ("sign_in", "failure", "not_authorized", LOCKED_OUT, sub)
    events.append(_event(chance, now - timedelta(minutes=92), refused))
    database.executemany(
        "INSERT INTO accounts_auditevent (at, action, outcome, detail, actor_label, actor_sub,"
        " subject_label, subject_sub, address, user_agent, request_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        events,
    )
    database.executemany(
        "INSERT OR IGNORE INTO accounts_refusalcount (hour, status, count) VALUES (?, ?, ?)",
        refusals,
    )
    database.commit()


def _kind(chance: random.Random) -> tuple[str, str, str, str, str]:
    """Return an action, its outcome and detail, and the label and the sub of its subject."""
    action, outcome, detail = chance.choices(
        [
            ("sign_in", "success", ""),
            ("sign_in", "failure", "invalid_credentials"),
            ("first_sign_in", "success", ""),
            ("sign_up", "success", ""),
            ("password_change", "failure", "wrong_password"),
        ],
        weights=[80, 6, 7, 3, 1],
    )[0]
    number = chance.randrange(400)
    return action, outcome, detail, f"user{number}@example.com", f"picture-{number}"


def _event(
    chance: random.Random, hour: datetime, kind: tuple[str, str, str, str, str]
) -> tuple[str, ...]:
    action, outcome, detail, label, sub = kind
    at = hour + timedelta(seconds=chance.randrange(60))
    address = f"198.51.100.{chance.randrange(1, 255)}"
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
    moment = f"{at:%Y-%m-%d %H:%M:%S.%f}"
    return (moment, action, outcome, detail, label, sub, label, sub, address, agent, "")


@contextmanager
def _signed_in(
    chromium: Browser, site: Site, email: str, password: str, **look: Any
) -> Iterator[Page]:
    with new_context(chromium, **look) as context:
        page = context.new_page()
        page.goto(site.url("/accounts/login/"))
        sign_in(page, email, password)
        page.wait_for_url(site.url("/**"))
        yield page


def _save(page: Page, name: str, *, height: int) -> None:
    page.set_viewport_size({"width": 1280, "height": height})
    page.screenshot(path=IMAGES / f"{name}.png")


def _take(chromium: Browser, site: Site) -> None:
    parts: dict[str, bytes] = {}
    with new_context(chromium, width=900) as context:
        page = context.new_page()
        page.goto(site.url("/accounts/login/"))
        parts["sign-in"] = page.screenshot()
        page.goto(site.url("/api/v1/docs"))
        page.locator(".opblock-summary").first.wait_for(timeout=60_000)
        page.locator(".opblock-tag").first.evaluate("tag => tag.scrollIntoView()")
        parts["api"] = page.screenshot()
    with _signed_in(chromium, site, SAFE, PASSWORD) as page:
        # After the sign-in, which needs no code so.
        enrol_authenticator_app(site.stack, SAFE)
        page.goto(site.url(PROFILE))
        page.set_viewport_size({"width": 900, "height": 800})
        parts["account"] = page.screenshot()
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 390, "height": 800})
        parts["phone"] = page.screenshot()
        page.emulate_media(color_scheme="light")
        page.goto(site.url(f"{PROFILE}sign-in-methods/"))
        _save(page, "account", height=1010)
    with _signed_in(chromium, site, OPERATOR.email, DEMO_PASSWORD) as page:
        page.goto(site.url("/admin/?range=14d"))
        _save(page, "console", height=940)
        page.goto(site.url(f"{DIRECTORY}?q={LOCKED_OUT}"))
        page.get_by_role("rowheader").get_by_role("link").click()
        page.get_by_role("heading", name=LOCKED_OUT).wait_for()
        _save(page, "person", height=820)
    with new_context(chromium, width=SIZE["width"]) as context:
        page = context.new_page()
        page.set_viewport_size(SIZE)
        page.set_content(_collage(parts))
        page.screenshot(path=IMAGES / "gatehouse.png")


def _collage(parts: dict[str, bytes]) -> str:
    """Return a page that lays the pictures over each other, in the order of PARTS."""
    laid = "".join(
        f'<img src="data:image/png;base64,{b64encode(parts[name]).decode()}" '
        f'style="left: {left}px; top: {top}px; width: {width}px; height: {height}px">'
        for name, (left, top, width, height) in PARTS.items()
    )
    style = (
        "body { margin: 0; background: #e8e5de } img { position: absolute; object-fit: cover;"
        " object-position: top left; border-radius: 12px; box-shadow: 0 8px 30px rgb(0 0 0 / 25%) }"
    )
    return f"<style>{style}</style>{laid}"


if __name__ == "__main__":
    main()
