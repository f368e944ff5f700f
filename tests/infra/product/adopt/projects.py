"""Projects that exist before they adopt anything: their files, and what they put into tables."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.infra.product.adopt import cookiecutter

# An application `accounts` and another one `api`: the names that most projects have.
MODELS = """\
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    birthday = models.DateField(null=True)


class Order(models.Model):
    user = models.ForeignKey(User, on_delete=models.PROTECT)
"""
ACCOUNTS_URLS = """\
from django.contrib.auth import views
from django.urls import path

app_name = "accounts"
urlpatterns = [path("login/", views.LoginView.as_view(template_name="login.html"), name="login")]
"""
CUSTOM_SETTINGS = """
INSTALLED_APPS = [*INSTALLED_APPS, "accounts", "api"]
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:login"
"""
CUSTOM_URLS = """
from django.http import HttpResponse
from django.urls import include

urlpatterns += [
    path("accounts/", include("accounts.urls")),
    path("", lambda request: HttpResponse(f"user: {request.user.pk}")),
]
"""
ORDERS = """
from accounts.models import Order, User

users = User.objects.bulk_create(
    User(username=f"user{number}", email=f"user{number}@example.com") for number in range(1000)
)
Order.objects.bulk_create(Order(user=user) for user in users for _ in range(2))
"""
# https://mozilla-django-oidc.readthedocs.io/en/stable/installation.html
OIDC_SETTINGS = """
INSTALLED_APPS.insert(INSTALLED_APPS.index("django.contrib.auth") + 1, "mozilla_django_oidc")
AUTHENTICATION_BACKENDS = (
    "mozilla_django_oidc.auth.OIDCAuthenticationBackend",
    "django.contrib.auth.backends.ModelBackend",
)
MIDDLEWARE += ["mozilla_django_oidc.middleware.SessionRefresh"]
OIDC_RP_CLIENT_ID = "of-the-old-provider"
OIDC_RP_CLIENT_SECRET = "a-secret"
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_OP_AUTHORIZATION_ENDPOINT = "https://old.example.com/authorize"
OIDC_OP_TOKEN_ENDPOINT = "https://old.example.com/token"
OIDC_OP_USER_ENDPOINT = "https://old.example.com/userinfo"
OIDC_OP_JWKS_ENDPOINT = "https://old.example.com/jwks"
LOGIN_URL = "oidc_authentication_init"
LOGIN_REDIRECT_URL = "/"
"""
OIDC_URLS = """
from django.http import HttpResponse
from django.urls import include

urlpatterns += [
    path("oidc/", include("mozilla_django_oidc.urls")),
    path("", lambda request: HttpResponse(f"user: {request.user.pk}")),
]
"""
SOME_USERS = """
from django.contrib.auth import get_user_model

for number in range(20):
    user = get_user_model()(email=f"user{number}@example.com")
    if get_user_model().USERNAME_FIELD == "username":
        user.username = f"user{number}"
    user.save()
"""


@dataclass(frozen=True)
class Project:
    """A project as text.

    Attributes:
        start: whether `startproject` makes it; `files` are then added, and `more` is appended.
        old_login: the address of its own sign-in, and how the answer there begins.
        changed: the files that an adoption changes.
        app: the application that needs a first migration.
        rows: a program that fills its tables.
        without: the capabilities that it leaves out.

    """

    start: bool = True
    files: dict[str, str] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)
    old_login: tuple[str, str] = ("/admin/login/", "")
    changed: tuple[str, ...] = ("theirs/settings.py", "theirs/urls.py")
    app: str = ""
    rows: str = SOME_USERS
    without: str = ""


PROJECTS = {
    "startproject": Project(),
    "custom user model": Project(
        files={
            "accounts/__init__.py": "",
            "accounts/migrations/__init__.py": "",
            "accounts/models.py": MODELS,
            "accounts/urls.py": ACCOUNTS_URLS,
            "accounts/templates/login.html": "{{ form }}",
            "api/__init__.py": "",
            # A page of the same name as one of ours would hide it.
            "api/templates/api/docs.html": "their documentation",
        },
        more={"theirs/settings.py": CUSTOM_SETTINGS, "theirs/urls.py": CUSTOM_URLS},
        old_login=("/accounts/login/", ""),
        app="accounts",
        rows=ORDERS,
    ),
    "cookiecutter-django": Project(
        start=False,
        files=cookiecutter.FILES,
        old_login=("/accounts/login/", ""),
        changed=(
            "config/settings/local.py",
            "config/settings/production.py",
            "config/settings/test.py",
            "config/urls.py",
        ),
        app="users",
    ),
    "mozilla-django-oidc": Project(
        more={"theirs/settings.py": OIDC_SETTINGS, "theirs/urls.py": OIDC_URLS},
        old_login=("/oidc/authenticate/", "https://old.example.com/authorize?"),
        without="console,docs-page,german",
    ),
}
