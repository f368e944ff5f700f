"""Our addresses, for a project that includes them below a prefix of its choice.

In its URLconf: `path("gatehouse/", include("project.adopted_urls"))`.
PUBLIC_URL ends with the same prefix: `https://shop.example.com/gatehouse`.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.urls import URLPattern, URLResolver, include, path

from accounts.postponed_urls import PostponedView
from accounts.urls import included_patterns


def exempt(patterns: Iterable[URLPattern | URLResolver]) -> None:
    """Exempt our views from two rules that a project can have for all views.

    With ATOMIC_REQUESTS, an error would undo an attempt that was counted. LoginRequiredMiddleware
    would let no visitor sign in here. Our views have guards of their own.
    """
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            exempt(pattern.url_patterns)
        else:
            if isinstance(pattern, PostponedView):
                pattern.load()
            for database in settings.DATABASES:
                transaction.non_atomic_requests(using=database)(pattern.callback)
            pattern.callback.login_required = False  # type: ignore[attr-defined] # for Django


urlpatterns: list[URLPattern | URLResolver] = [
    *included_patterns,
    path("api/", include("api.urls")),
    path("", include("api.resource_metadata")),
]

exempt(urlpatterns)
