from __future__ import annotations

import pytest

from infra.product.adopt.placement import Placement

FILES = ("accounts/apps.py", "accounts/sessions/middleware.py", "api/urls.py", "project/a.py")
HERE = Placement("signin", FILES, {"revocation", "user"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from accounts.apps import X", "from signin.accounts.apps import X"),
        ("    from accounts import apps", "    from signin.accounts import apps"),
        ("import cognito.tokens as x", "import signin.cognito.tokens as x"),
        ("from accountsx import apps", "from accountsx import apps"),
        ("from django import api", "from django import api"),
        (
            '"accounts.sessions.middleware.M", "api.urls"',
            '"signin.accounts.sessions.middleware.M", "signin.api.urls"',
        ),
        (
            '"accounts.User", "accounts.view_user"',
            '"signin_accounts.User", "signin_accounts.view_user"',
        ),
        ('label = "accounts"', 'label = "signin_accounts"'),
        ("('accounts', '0001_initial')", "('signin_accounts', '0001_initial')"),
        ("reverse('accounts:login')", "reverse('signin_accounts:login')"),
        ('reverse("api:schema")', 'reverse("signin_api:schema")'),
        ('app_name = "api"', 'app_name = "signin_api"'),
        (
            "INSERT INTO accounts_revocation AS kept",
            "INSERT INTO signin_accounts_revocation AS kept",
        ),
        # The names of indexes have 30 characters at most.
        ('name="accounts_user_inactive"', 'name="accounts_user_inactive"'),
        ("{% if perms.accounts.view_user %}", "{% if perms.signin_accounts.view_user %}"),
        ("project.get('x'), api.example.com", "project.get('x'), api.example.com"),
        ('path("accounts/", x), "cognito:groups"', 'path("accounts/", x), "cognito:groups"'),
        ("https://accounts.example.com", "https://accounts.example.com"),
    ],
)
def test_names_get_the_package_of_the_project(text: str, expected: str) -> None:
    assert HERE.in_text(text) == expected
