"""The page of the devices that a user is signed in on."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.client_address import client_address
from accounts.models import BrowserSession
from accounts.rate_limits.limits import address_key
from accounts.sessions import browser_sessions
from accounts.sessions.guards import sign_in_required, signed_in_user

# The page lists at most this many devices. "Sign out everywhere" ends the others as well.
MAX_DEVICES = 50

# Networks at home or at work: RFC 1918, RFC 4193, and link-local addresses.
_PRIVATE = [
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
]


@dataclass(frozen=True, slots=True)
class Device:
    """A signed-in device as the page shows it."""

    session: BrowserSession
    is_this: bool
    place: str


@require_safe
@sign_in_required
def devices(request: HttpRequest) -> HttpResponse:
    """List the signed-in devices: this one first, then the last used first."""
    user = signed_in_user(request)
    this_id = request.session.get(browser_sessions.SESSION_ID_KEY)
    here = client_address(request)
    listed = [
        Device(one, str(one.pk) == this_id, place_of(one.address, here=here))
        for one in browser_sessions.live_sessions(
            issuer=user.issuer, sub=user.sub, limit=MAX_DEVICES
        )
    ]
    listed.sort(key=lambda device: not device.is_this)
    context = {"devices": listed, "others": len(listed) > 1, "is_cut": len(listed) == MAX_DEVICES}
    return render(request, "gatehouse/devices.html", context)


def place_of(address: str | None, *, here: str | None) -> str:
    """Return what is known about the place of an address, without a database of places.

    Args:
        address: of the device's sign-in.
        here: of the present request.
    """
    if address is None:
        return _("an unknown address")
    parsed = ipaddress.ip_address(address)
    if parsed.is_loopback:
        return _("the computer that this site runs on")
    if here is not None and address_key(address) == address_key(here):
        return _("the network that you use now (%(address)s)") % {"address": address}
    if any(parsed in network for network in _PRIVATE):
        return _("a private network (%(address)s)") % {"address": address}
    return _("another network (%(address)s)") % {"address": address}
