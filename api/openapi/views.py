"""`GET /api/v1/schema` and `GET /api/v1/docs`: open to everyone, like the source of both.

They change nothing, so that CSRF is no matter: another method is a 405 before it is a 403.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ValidationError

from api.contract_view import refuse_unknown_parameters
from api.wire.exception_handler import validation_problem

# Not per user: what it says changes with a deployment.
CACHE_CONTROL = "public, max-age=300"


@csrf_exempt
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3 document, as JSON."""
    if refusal := _refusal_of_query(request):
        return refusal
    # drf-spectacular is a quarter of the cold start of a process that nobody asks for this.
    from api.openapi.document import document  # noqa: PLC0415

    return HttpResponse(
        document(), content_type="application/json", headers={"Cache-Control": CACHE_CONTROL}
    )


@csrf_exempt
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The same for people, to try out."""
    if refusal := _refusal_of_query(request):
        return refusal
    context = {
        "schema_url": reverse("api:schema"),
        "client_id": settings.COGNITO_DOCS_CLIENT_ID,
        "scopes": " ".join(settings.COGNITO_DOCS_SCOPES),
        "signed_in_url": settings.PUBLIC_ORIGIN + reverse("api:docs-signed-in"),
    }
    response = render(request, "api/docs.html", context)
    response["Content-Security-Policy"] = settings.DOCS_CONTENT_SECURITY_POLICY
    return response


@csrf_exempt
@require_safe
def signed_in(request: HttpRequest) -> HttpResponse:
    """Where the hosted UI sends the window in which somebody signed in from the page above."""
    return render(request, "api/docs_signed_in.html")


def _refusal_of_query(request: HttpRequest) -> HttpResponse | None:
    """The answer to a query string, of which neither view takes any."""
    try:
        refuse_unknown_parameters(request.GET, ())
    except ValidationError as error:
        return validation_problem(error).response(request)
    return None
