"""A program that visits a project which has adopted Gatehouse.

Run it in the directory of the project. It goes through all scenarios, each with an empty table of
users, and prints what it found as JSON, in a line that begins with `found: `.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tests.adopt.host import PREFIX, PUBLIC_URL
from tests.adopt.visit import PASSWORD, PROFILE, Visit, front_page
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider
from tests.support.provider.server import Server


def new_user(visit: Visit) -> dict[str, Any]:
    """A user of the pool signs in for the first time, uses the site, and signs out."""
    from accounts.models import AuditEvent, identity_model  # noqa: PLC0415 # see Visit

    browser, ada = visit.browser(), Person(groups=["operators"])
    callback = visit.sign_in(browser, ada)
    user = visit.users.objects.get()
    identity: Any = identity_model().objects.get()
    profile = browser.get(PROFILE)
    found: dict[str, Any] = {
        "callback": [callback.status_code, callback["Location"]],
        "identity": [identity.sub == ada.sub, identity.user == user, identity.email],
        "user": [user.is_staff, user.is_superuser, user.has_usable_password(), user.email],
        "front page is hers": front_page(browser) == f"user: {user.pk}",
        "profile": [profile.status_code, "Ada Lovelace" in profile.content.decode()],
        "admin": browser.get("/admin/").status_code,
        "again": [visit.sign_in(visit.browser(), ada).status_code, visit.users.objects.count()],
        "sign-out": browser.post(f"{PREFIX}/accounts/logout/").status_code,
        "signed out": front_page(browser),
    }
    events = AuditEvent.objects.order_by("pk")
    return found | {"trail": [event.action for event in events]}


def deactivated(visit: Visit) -> dict[str, Any]:
    """The project deactivates a user who is signed in."""
    from accounts import process  # noqa: PLC0415 # see Visit
    from accounts.process import ProcessState  # noqa: PLC0415 # see Visit

    browser, ada = visit.browser(), Person()
    visit.sign_in(browser, ada)
    me = f"{PREFIX}/api/v1/me"
    before = browser.get(me, HTTP_AUTHORIZATION=visit.bearer(ada)).status_code
    # As the admin's own actions do it: without a signal.
    visit.users.objects.update(is_active=False)
    # The next pull of the list is due in five seconds.
    process.current = ProcessState()
    return {
        "bearer": [before, browser.get(me, HTTP_AUTHORIZATION=visit.bearer(ada)).status_code],
        "front page": front_page(browser),
        "sign-in": visit.sign_in(visit.browser(), ada).status_code,
    }


def password_sessions(visit: Visit) -> dict[str, Any]:
    """A superuser signs in with a password, and later with the pool as well."""
    from accounts.models import BrowserSession  # noqa: PLC0415 # see Visit

    boss, ada = visit.user("boss", is_staff=True, is_superuser=True), Person()
    old = visit.with_password(boss)
    found: dict[str, Any] = {
        "front page is theirs": front_page(old) == f"user: {boss.pk}",
        "account page": [old.get(PROFILE).status_code, old.get(PROFILE)["Location"]],
        "callback without a sign-in": old.get(f"{PREFIX}/accounts/callback/").status_code,
    }
    visit.link(boss, ada)
    # An identity does not make the session ours.
    found["account page of a linked user"] = old.get(PROFILE).status_code
    found["session of the API"] = old.get(
        f"{PREFIX}/api/v1/session", HTTP_ORIGIN="http://localhost:8000"
    ).status_code
    new = visit.browser()
    visit.sign_in(new, ada)
    found["signed in as the same user"] = front_page(new) == f"user: {boss.pk}"
    found["users"] = visit.users.objects.count()
    found["admin"] = [new.get("/admin/").status_code, old.get("/admin/").status_code]
    BrowserSession.objects.all().delete()
    found["after the device was signed out"] = [
        front_page(new),
        front_page(old) == f"user: {boss.pk}",
    ]
    return found


def their_admin(visit: Visit) -> dict[str, Any]:
    """Operators of the project work in its admin."""
    from django.contrib.auth.models import Group, Permission  # noqa: PLC0415 # see Visit

    boss = visit.user("boss", is_staff=True, is_superuser=True)
    helper = visit.user("helper", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="view_group"))
    browser = visit.with_password(boss)
    added = browser.post("/admin/auth/group/add/", {"name": "editors"})
    index = browser.get("/admin/").content.decode()
    return {
        "index": browser.get("/admin/").status_code,
        "is Django's": "Django administration" in index,
        "group was added": [added.status_code, Group.objects.filter(name="editors").count()],
        "helper": [
            visit.with_password(helper).get(path).status_code
            for path in ("/admin/", "/admin/auth/group/", "/admin/auth/group/add/")
        ],
        "visitor": visit.browser().get("/admin/")["Location"],
        "operators": Group.objects.filter(name="operators").count(),
    }


def rights(visit: Visit) -> dict[str, Any]:
    """A user of the pool is in a group for operators, and leaves it."""
    from django.contrib.auth.models import Group  # noqa: PLC0415 # see Visit
    from django.test import override_settings  # noqa: PLC0415 # see Visit

    Group.objects.get_or_create(name="operators")
    ada = Person(groups=["operators"])
    user = visit.user("ada", is_superuser=True)
    visit.link(user, ada)

    def as_member_and_not() -> list[list[Any]]:
        found = []
        for ada.groups in (["operators"], []):
            visit.sign_in(visit.browser(), ada)
            row = visit.users.objects.get(pk=user.pk)
            found.append([row.is_staff, row.is_superuser, row.groups.count()])
        return found

    found = {"unless asked for": as_member_and_not()}
    with override_settings(GATEHOUSE_USER_ADAPTER="theirs.adapter.Following"):
        return found | {"if asked for": as_member_and_not()}


def api(visit: Visit) -> dict[str, Any]:
    """Callers use our API and that of the project, each with its own rules."""
    ada, browser = Person(), visit.browser()
    visit.sign_in(browser, ada)
    anonymous = visit.browser()
    paths = {
        "me": f"{PREFIX}/api/v1/me",
        "missing": f"{PREFIX}/api/v1/none",
        "theirs": "/api/theirs",
    }
    answers = {
        "me, with a token": anonymous.get(paths["me"], HTTP_AUTHORIZATION=visit.bearer(ada)),
        "me, with a cookie": browser.get(paths["me"]),
        "me, with a bad token": anonymous.get(paths["me"], HTTP_AUTHORIZATION="Bearer x"),
        "me, in XML": anonymous.post(paths["me"], "<a/>", content_type="text/xml"),
        "missing": anonymous.get(paths["missing"]),
        "theirs, with a cookie": browser.get(paths["theirs"]),
        "theirs, missing": anonymous.get("/api/none"),
    }
    found: dict[str, Any] = {
        name: [answer.status_code, answer["Content-Type"]] for name, answer in answers.items()
    }
    found["challenge"] = answers["me, with a cookie"]["WWW-Authenticate"]
    metadata = anonymous.get(f"{PREFIX}/.well-known/oauth-protected-resource/api").json()
    document = anonymous.get(f"{PREFIX}/api/v1/schema").json()
    return found | {"resource": metadata["resource"], "servers": document["servers"]}


def addresses_in_use(visit: Visit) -> dict[str, Any]:
    """Users of the pool have addresses of users that the project has already."""
    old = visit.user("ada")
    verified, unverified = Person(), Person(has_verified_email=False)
    found = {
        "verified": visit.sign_in(visit.browser(), verified).status_code,
        "unverified": visit.sign_in(visit.browser(), unverified).status_code,
    }
    old.refresh_from_db()
    new = visit.users.objects.exclude(pk=old.pk).order_by("date_joined")
    return found | {
        "old": [old.email, old.check_password(PASSWORD), hasattr(old, "gatehouse_identity")],
        "new": [one.email.replace(unverified.sub, "<sub>") for one in new],
    }


def deleted_account(visit: Visit) -> dict[str, Any]:
    """The account of a user is deleted in the pool."""
    from accounts.identity.models import Identity  # noqa: PLC0415 # see Visit
    from accounts.models import BrowserSession  # noqa: PLC0415 # see Visit
    from accounts.sign_out.forget_user import forget  # noqa: PLC0415 # see Visit

    ada, browser = Person(), visit.browser()
    visit.sign_in(browser, ada)
    forget(issuer=visit.provider.pool.issuer, sub=ada.sub)
    user = visit.users.objects.get()
    return {
        "user is active": user.is_active,
        "left": [Identity.objects.count(), BrowserSession.objects.count()],
        "front page": front_page(browser),
    }


def link_by_address(visit: Visit) -> dict[str, Any]:
    """An operator links users by the addresses that the pool has verified."""
    from accounts.models import AuditEvent  # noqa: PLC0415 # see Visit

    people = visit.provider.pool.people
    people[:] = [
        ada := Person(email="ADA@example.com"),
        Person(email="mallory@example.com", has_verified_email=False),
        Person(email="off@example.com", is_enabled=False),
        Person(email="twice@example.com"),
        Person(email="Twice@example.com"),
        Person(email="boss@example.com"),
        Person(email="unknown@example.com"),
        # The user pool returns them in pages of 60.
        *[Person(email=f"n{number}@example.com") for number in range(70)],
        last := Person(email="last@example.com"),
    ]
    names = ("ada", "mallory", "off", "twice", "last")
    users = {name: visit.user(name) for name in names}
    boss = visit.user("boss", is_staff=True)
    outputs = [visit.link_identities(), visit.link_identities("--apply")]
    linked = {one.user: one.sub for one in visit.identities.all()}
    found: dict[str, Any] = {
        "dry run and run": [output.splitlines()[-1] for output in outputs],
        "are right": linked == {users["ada"]: ada.sub, users["last"]: last.sub},
        "named": ["twice@example.com: 2 users" in outputs[1], "is staff" in outputs[1]],
        "repeated": visit.link_identities("--apply").splitlines()[-1],
        "with staff": visit.link_identities("--include-staff", "--apply").splitlines()[-1],
        "boss": visit.identities.filter(user=boss).exists(),
        "linked staff": visit.link_identities().splitlines()[-1],
        "trail": AuditEvent.objects.filter(action="link_identity").count(),
    }
    # The user signs in as the row that was linked, in spite of another spelling of the address.
    browser = visit.browser()
    visit.sign_in(browser, ada)
    return found | {"signed in": front_page(browser) == f"user: {users['ada'].pk}"}


def link_by_mapping(visit: Visit) -> dict[str, Any]:
    """An operator links users as a file says, which has mistakes."""
    ada, bob, eve = visit.user("ada"), visit.user("bob"), visit.user("eve", is_staff=True)
    visit.link(bob, Person(sub="bob-sub"))
    rows = [
        f"{ada.pk},ada-sub",
        f"{eve.pk},eve-sub",
        f"{bob.pk},bob-sub",
        f"{bob.pk},other-sub",
        f"{eve.pk},bob-sub",
        f"{ada.pk},again-sub",
        "x,no-sub",
        f"{ada.pk},",
    ]
    path = Path("mapping.csv")
    path.write_text("\n".join(["pk,sub", *rows]), encoding="utf-8-sig")
    output = visit.link_identities(f"--mapping={path}", "--apply")
    path.write_text("shoe_size,sub\n42,x\n", encoding="utf-8")
    return {
        "summary": output.splitlines()[-1],
        "problems": sum(line.startswith("not linked: ") for line in output.splitlines()),
        "linked": sorted(visit.identities.values_list("sub", flat=True)),
        "unknown field": visit.link_identities(f"--mapping={path}"),
    }


SCENARIOS = (
    new_user,
    deactivated,
    password_sessions,
    their_admin,
    rights,
    api,
    addresses_in_use,
    deleted_account,
    link_by_address,
    link_by_mapping,
)


def main() -> None:
    with Server().running() as server:
        provider = Provider(server, PUBLIC_URL)
        os.environ |= provider.variables | {
            "DJANGO_SETTINGS_MODULE": "theirs.settings",
            "AWS_ACCESS_KEY_ID": "for-tests",
            "AWS_SECRET_ACCESS_KEY": "for-tests",
        }
        with server.serving(provider):
            visit, found = Visit(provider), {}
            for scenario in SCENARIOS:
                visit.start()
                found[scenario.__name__] = scenario(visit)
    print(f"found: {json.dumps(found)}")


if __name__ == "__main__":
    main()
