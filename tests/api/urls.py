"""The URL patterns of the application, and further views for the tests."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_protect
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle
from rest_framework.views import APIView

from api.caller import access_token_of, claims_of, derived_token_of, principal_of
from api.permissions import HasScope, InGroup, IsUser
from api.recent_authentication import RecentAuthentication
from api.session_authentication import SessionOrBearer
from project.urls import handler400, handler403, handler404, handler500
from project.urls import urlpatterns as application

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


class Yes(APIView):
    def get(self, request: Request) -> Response:
        return Response({"pk": request.user.pk})


class Operators(Yes):
    permission_classes = (InGroup("operators", "owners"),)


class Readers(Yes):
    permission_classes = (HasScope("api/read"),)


class People(Yes):
    permission_classes = (IsUser,)


class Derived(APIView):
    """Exchanges the caller's token, and returns what the derived token grants."""

    def get(self, request: Request) -> Response:
        token = derived_token_of(
            request, audience="https://billing.example.com", scopes={"billing/read"}
        )
        return Response(sorted(token.scopes))


class EditorsBySession(APIView):
    authentication_classes = (SessionOrBearer,)
    permission_classes = (InGroup("editors"),)

    def get(self, request: Request) -> Response:
        return Response({"pk": request.user.pk})


class OfTheCaller(APIView):
    """Returns what its path names of a caller of any kind. Visitors pass as well."""

    authentication_classes = (SessionOrBearer,)
    permission_classes = ()

    def get(self, request: Request, what: str) -> Response:
        sub = principal_of(request).sub if what == "principal" else None
        client_id = claims_of(request).client_id if what == "claims" else None
        token = access_token_of(request) if what == "token" else None
        if what == "derived":
            derived_token_of(request, audience="https://billing.example.com", scopes={"b/read"})
        return Response({"found": sub or client_id or token})


class Recent(Yes):
    permission_classes = (RecentAuthentication(),)


class Gold(Yes):
    permission_classes = (RecentAuthentication(seconds=60, acr="urn:cognito:loa:2"),)


class TwicePerUser(UserRateThrottle):
    rate = "2/day"


class TwicePerAddress(AnonRateThrottle):
    rate = "2/day"


class ThrottledByUser(Yes):
    throttle_classes = (TwicePerUser,)


class ThrottledByAddress(APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (TwicePerAddress,)

    def get(self, _: Request) -> Response:
        return Response({})


class Address(serializers.Serializer[dict[str, str]]):
    city = serializers.CharField(max_length=10)


class Form(serializers.Serializer[dict[str, object]]):
    name = serializers.CharField(max_length=10)
    address = Address()
    tags = serializers.ListField(child=serializers.CharField(max_length=3), required=False)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        if attrs["name"] == "homeless":
            raise serializers.ValidationError("This person has no address.")
        return attrs


class Bodies(APIView):
    """Returns the members that it read."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request) -> Response:
        return Response(request.query_params)

    def post(self, request: Request) -> Response:
        return Response(request.data)

    def put(self, request: Request) -> Response:
        form = Form(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(form.validated_data)


class Raises(APIView):
    """Raises the exception that its path names."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, _: Request, what: str) -> Response:
        raise {
            "http404": Http404("a secret of the view"),
            "forbidden": PermissionDenied("a secret of the view"),
            "suspicious": SuspiciousOperation("a secret of the view"),
            "defect": RuntimeError("a secret of the view"),
            "throttled": Throttled(wait=1.2),
            "throttled-for-ever": Throttled(),
            "nested": serializers.ValidationError({"a": {"b": ["no"]}, "c": [{}, {"d": ["no"]}]}),
            "text": serializers.ValidationError("no"),
            "unreachable-database": OperationalError("connection to server at 10.0.0.1 failed"),
        }[what]


class BrokenDatabase(APIView):
    authentication_classes = ()
    permission_classes = ()

    def get(self, _: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return Response({})


@csrf_protect
def form_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("posted")


urlpatterns = [
    path("api/v1/operators", Operators.as_view()),
    path("api/v1/readers", Readers.as_view()),
    path("api/v1/people", People.as_view()),
    path("api/v1/recent", Recent.as_view()),
    path("api/v1/gold", Gold.as_view()),
    path("api/v1/derived", Derived.as_view()),
    path("api/v1/editors-by-session", EditorsBySession.as_view()),
    path("api/v1/of-the-caller/<what>", OfTheCaller.as_view()),
    path("api/v1/throttled-by-user", ThrottledByUser.as_view()),
    path("api/v1/throttled-by-address", ThrottledByAddress.as_view()),
    path("api/v1/bodies", Bodies.as_view()),
    path("api/v1/raises/<what>", Raises.as_view()),
    path("api/v1/database", BrokenDatabase.as_view()),
    path("api/v1/form-page", form_page),
    path("pages/form-page", form_page),
    *application,
]
