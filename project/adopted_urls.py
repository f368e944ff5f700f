"""Our addresses, for a project that includes them below a prefix of its choice.

In its URLconf: `path("gatehouse/", include("project.adopted_urls"))`.
PUBLIC_URL ends with the same prefix: `https://shop.example.com/gatehouse`.
"""

from __future__ import annotations

from django.urls import include, path

from accounts.urls import included_patterns

urlpatterns = [
    *included_patterns,
    path("api/", include("api.urls")),
    path("", include("api.resource_metadata")),
]
