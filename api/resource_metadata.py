"""The metadata by which a client that knows only the API's address finds out how to get a token.

https://www.rfc-editor.org/rfc/rfc9728
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import path, reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

WELL_KNOWN: Final = "/.well-known/oauth-protected-resource"
# The path of the resource follows the well-known one (section 3.1).
PATH: Final = f"{WELL_KNOWN}/api"

# Many clients ask for all of these at once, and Cognito refuses a request with a scope that the app
# client may not have. So these are the scopes that each client of the template may have. The
# challenge of an endpoint that needs another scope names it.
SCOPES: Final = ("api/read", "api/write")

# As for the OpenAPI document: the content changes only with a deployment.
CACHE_CONTROL: Final = "public, max-age=300"


@csrf_exempt
@require_safe
def metadata(request: HttpRequest, resource_path: str = "api") -> JsonResponse:
    """Return the metadata of the API, which any page may read.

    With a prefix in PUBLIC_URL, such as `/dev`, the address is `<PUBLIC_URL>/.well-known/…/api`.
    RFC 9728 puts the prefix after the well-known path, where the prefix's server may not be able to
    answer. A proxy that can pass that address on gets the same document there.
    """
    prefix = settings.FORCE_SCRIPT_NAME or ""
    if f"/{resource_path}" not in {"/api", f"{prefix}/api"}:
        raise Http404
    document = {
        "resource": settings.COGNITO_API_AUDIENCE,
        "authorization_servers": [settings.COGNITO_ISSUER],
        "scopes_supported": SCOPES,
        "bearer_methods_supported": ["header"],
        "resource_name": f"{settings.SITE_NAME} API",
        # begin capability docs-page
        "resource_documentation": settings.PUBLIC_ORIGIN + reverse("api:docs"),
        # end capability docs-page
    }
    headers = {"Cache-Control": CACHE_CONTROL, "Access-Control-Allow-Origin": "*"}
    return JsonResponse(document, headers=headers)


urlpatterns = [
    # For clients that know no more than the host, although it is not the API's own address.
    path(WELL_KNOWN[1:], metadata),
    path(f"{WELL_KNOWN[1:]}/<path:resource_path>", metadata),
]
