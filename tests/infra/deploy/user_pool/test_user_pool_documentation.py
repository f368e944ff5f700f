"""docs/user-pool.md lists all parameters, and its examples are valid."""

from __future__ import annotations

import re
import tomllib

import pytest

from infra.aws.provision import COGNITO_TEMPLATE
from infra.aws.template import load_template
from infra.deploy.stage.stages_file import checked_values
from infra.deploy.user_pool.template_checks import template_problems
from infra.environments import ROOT
from tests.infra.deploy.user_pool.pool_parameters import GOOD, SECRETS

DOCUMENT = (ROOT / "docs" / "user-pool.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.+?)```", DOCUMENT, re.DOTALL)
# `deploy` sets these, so they are not documented.
OF_THE_DEPLOYMENT = {
    "Architecture",
    "IdentityProviderSecretsVersion",
    "MigrationSecretVersion",  # only with user-migration
    "PermissionsBoundary",
    "PostConfirmationCode",
    "PreSignUpCode",
    "PreTokenGenerationCode",
    "Runtime",
    "UserMigrationCode",  # only with user-migration
    # From variables of the application: docs/branding.md.
    *("SiteName", "SiteUrl", "SiteSupport"),
    *("SiteColor", "SiteColorHover", "SiteColorDark", "SiteColorDarkHover"),
}

FACTORS = (
    *("Login", "Tier", "Passkeys", "EmailCodes"),
    *("PasskeyVerification", "PasskeysAsMfa", "EmailMfa"),
)


def test_every_parameter_is_documented_in_a_table() -> None:
    cells = "".join(re.findall(r"^\| (`.+?) \|", DOCUMENT, re.MULTILINE))
    parameters = load_template(COGNITO_TEMPLATE)["Parameters"].keys()
    assert set(re.findall(r"`([A-Z]\w+)`", cells)) == parameters - OF_THE_DEPLOYMENT


def test_documented_defaults_are_those_of_the_template() -> None:
    parameters = load_template(COGNITO_TEMPLATE)["Parameters"]
    rows = dict(re.findall(r"^\| `(\w+)` \|.+\((.+?)\) \|$", DOCUMENT, re.MULTILINE))
    for name in ("Mfa", "AdminCreateUserOnly", "AutoConfirm", "OperatorsGroup", *FACTORS):
        assert rows[name] == f"`{parameters[name]['Default']}`"
    for name in ("AccessTokenMinutes", "IdTokenMinutes", "RefreshTokenDays"):
        assert rows[name] == str(parameters[name]["Default"])


@pytest.mark.parametrize("example", EXAMPLES)
def test_documented_example_is_valid(example: str) -> None:
    stage = {"region": "eu-west-1", **tomllib.loads(example)["prod"]}
    values = checked_values("The example", stage)
    parameters = values.get("cognito", {})
    assert values.keys() > {"region"}
    assert not template_problems(load_template(COGNITO_TEMPLATE), GOOD | SECRETS | parameters)


def test_documentation_has_an_example_of_each_kind() -> None:
    told = "\n".join(EXAMPLES)
    for name in ("EmailSourceArn", "CustomDomain", "GoogleClientId", "SamlName"):
        assert re.search(rf"^{name} = ", told, re.MULTILINE), name
