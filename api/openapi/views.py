"""The description of the API, and its page. Both are public.

They need no protection against CSRF because they change nothing. They are exempt so that another
method gets 405 instead of 403.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ValidationError

from api.contract_view import refuse_unknown_parameters
from api.wire.exception_handler import validation_problem

# The document is the same for all users, and changes only with a deployment.
CACHE_CONTROL = "public, max-age=300"


# Compression leaves a fifth of its size. It is the same for all users, so its length reveals
# nothing.
@gzip_page
@csrf_exempt
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI 3 document as JSON."""
    if refusal := _refusal_of_query(request):
        return refusal
    # drf-spectacular would add a quarter to the cold start, and few processes need it.
    from api.openapi.document import document  # noqa: PLC0415

    return HttpResponse(
        document(), content_type="application/json", headers={"Cache-Control": CACHE_CONTROL}
    )


# begin capability docs-page
@csrf_exempt
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Return the page that shows the document, on which a visitor can send requests."""
    if refusal := _refusal_of_query(request):
        return refusal
    context = {
        "schema_url": reverse("api:schema"),
        "client_id": settings.COGNITO_DOCS_CLIENT_ID,
        "scopes": " ".join(settings.COGNITO_DOCS_SCOPES),
        # Without the claim `aud`, the API would refuse the tokens of this page.
        "resource": settings.COGNITO_API_AUDIENCE if settings.COGNITO_REQUIRE_AUDIENCE else "",
        "signed_in_url": settings.PUBLIC_ORIGIN + reverse("api:docs-signed-in"),
    }
    response = render(request, "gatehouse/api/docs.html", context)
    response["Content-Security-Policy"] = settings.DOCS_CONTENT_SECURITY_POLICY
    return response


# end capability docs-page


# begin capability docs-page
@csrf_exempt
@require_safe
def signed_in(request: HttpRequest) -> HttpResponse:
    """Return the callback page of sign-ins that began on the page of the document."""
    return render(request, "gatehouse/api/docs_signed_in.html")


# end capability docs-page


def _refusal_of_query(request: HttpRequest) -> HttpResponse | None:
    """Return the error for a request with query parameters, which no view here accepts."""
    try:
        refuse_unknown_parameters(request.GET, ())
    except ValidationError as error:
        return validation_problem(error).response(request)
    return None
