from __future__ import annotations

import pytest

from infra.aws.provision import COGNITO_TEMPLATE
from infra.deploy.user_pool.template_checks import check
from infra.errors import InfraError
from tests.infra.deploy.user_pool.pool_parameters import CERTIFICATE, GOOD, SWITCHES


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"AllowedEmailDomain": "example.com"}, "no parameter AllowedEmailDomain: there are Acc"),
        ({"Mfa": "YES"}, "Mfa: YES: expected one of OFF, OPTIONAL, ON"),
        ({"AdminCreateUserOnly": "yes"}, "AdminCreateUserOnly: yes: expected one of true, false"),
        ({"Login": "v2"}, "Login: v2: expected one of classic, managed"),
        ({"AccessTokenMinutes": "4"}, "AccessTokenMinutes: 4: expected minutes, from 5"),
        ({"AccessTokenMinutes": "1441"}, "AccessTokenMinutes: 1441: expected minutes, from 5"),
        ({"RefreshTokenDays": "soon"}, "RefreshTokenDays: soon: expected days, from 1 to 3650"),
        ({"CustomAttribute2": "Tenant"}, "CustomAttribute2: Tenant: expected a name"),
        (
            SWITCHES["custom domain"]
            | {"CustomDomainCertificate": CERTIFICATE.replace("us-east-1", "eu-west-1")},
            "certificate of AWS Certificate Manager in us-east-1",
        ),
        ({"OidcIssuer": "http://login.example.com"}, "OidcIssuer: http:.*: expected an https"),
        ({"SamlMetadataUrl": "ftp://x"}, "SamlMetadataUrl: ftp://x: expected an https address"),
        ({"GroupScopes": "a=api/read,api/operate"}, "GroupScopes: .*: expected GROUP=SCOPE"),
        ({"GroupScopes": "a=api/audit b=api/read"}, "GroupScopes: .*: expected GROUP=SCOPE"),
        ({"GroupScopes": "a=api/account,api/read"}, "GroupScopes: .*: expected GROUP=SCOPE"),
        ({"DomainPrefix": "Example"}, "DomainPrefix: Example: expected lower-case letters"),
    ],
)
def test_invalid_parameter_is_refused_with_what_was_expected(
    changes: dict[str, str], complaint: str
) -> None:
    with pytest.raises(InfraError, match=complaint):
        check(COGNITO_TEMPLATE, GOOD | changes)


def test_missing_parameter_is_found() -> None:
    without = {name: value for name, value in GOOD.items() if name != "LogoutUrls"}
    with pytest.raises(InfraError, match="LogoutUrls is missing"):
        check(COGNITO_TEMPLATE, without)


def test_error_names_all_problems() -> None:
    with pytest.raises(InfraError) as caught:
        check(COGNITO_TEMPLATE, {"Mfa": "NO", "Typo": "x"})
    complaints = str(caught.value).splitlines()[1:]
    assert [line.split()[0].rstrip(":") for line in complaints] == [
        "there",
        "DomainPrefix",
        "CallbackUrls",
        "LogoutUrls",
        "Mfa",
    ]
