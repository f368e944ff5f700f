"""The site's own name in templates: `{% site_name %}`, built in, so that no page has to load it."""

from __future__ import annotations

from django import template
from django.conf import settings

register = template.Library()


# A context processor would leave out pages that are rendered without a request, such as the 500.
@register.simple_tag
def site_name() -> str:
    name: str = settings.SITE_NAME
    return name
