"""The site's own name, marks and addresses in templates. The library is built in: no page loads it.

A context processor would leave out pages that are rendered without a request, such as the 500.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.branding import marks, stylesheets
from accounts.site_paths import home_url

register = template.Library()


@register.simple_tag
def site_name() -> str:
    name: str = settings.SITE_NAME
    return name


@register.simple_tag
def site_links() -> SafeString:
    """Return the elements of a page's head for the site's icon and colours."""
    return format_html(
        '<link rel="icon" href="{}"><link rel="stylesheet" href="{}">',
        marks.icon_url(),
        marks.stylesheet_url(),
    )


@register.simple_tag
def site_styles(kind: str) -> str:
    """Return the address of the stylesheet of pages of this kind, with the site's colours."""
    return stylesheets.address(kind)


@register.simple_tag
def site_icon() -> str:
    return marks.icon_url()


@register.simple_tag
def deferred(media: Any) -> SafeString:
    """Return the elements for the `media` of a form. Its scripts run in order, after the page."""
    scripts = (tag.replace("<script src=", "<script defer src=", 1) for tag in media.render_js())
    # Django has escaped the addresses.
    return SafeString("\n".join((*media.render_css(), *scripts)))


@register.simple_tag
def site_logo() -> SafeString:
    """Return the logo, which stands beside the name and needs no text of its own."""
    return format_html('<img class="logo" src="{}" alt="" height="28">', marks.icon_url())


@register.simple_tag
def site_home() -> str:
    """Return the address of the front page."""
    return home_url()


@register.inclusion_tag("gatehouse/support.html")
def support(request_id: str = "") -> dict[str, str]:
    """Return a sentence with SITE_SUPPORT as a link; nothing if it is not set."""
    return {**_support(), "request_id": request_id}


@register.simple_tag
def support_url() -> str:
    """Return the target of a link to SITE_SUPPORT; empty if it is not set."""
    return _support()["url"]


def _support() -> dict[str, str]:
    address: str = settings.SITE_SUPPORT
    is_email = address and not address.startswith("https://")
    url = f"mailto:{address}" if is_email else address
    return {"url": url, "text": address.removeprefix("https://").removesuffix("/")}
