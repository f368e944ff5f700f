from __future__ import annotations

from pathlib import Path

import pytest

from infra.aws.provision import COGNITO_TEMPLATE
from infra.deploy.user_pool.template_checks import check
from infra.errors import InfraError
from tests.infra.deploy.user_pool.pool_parameters import GOOD, SAML


def changed(directory: Path, old: str, new: str) -> Path:
    """Return a copy of the template with the first `old` replaced."""
    text = COGNITO_TEMPLATE.read_text()
    assert old in text
    copy = directory / "cognito.yaml"
    copy.write_text(text.replace(old, new, 1))
    return copy


def test_provider_without_a_client_is_found(tmp_path: Path) -> None:
    text = COGNITO_TEMPLATE.read_text()
    line = "        - !If [HasSaml, !Ref Saml, !Ref AWS::NoValue]\n"
    assert text.count(line) == 3
    template = tmp_path / "cognito.yaml"
    template.write_text(text.replace(line, ""))
    with pytest.raises(InfraError, match="no client supports Corporate"):
        check(template, GOOD | SAML)


def test_disabled_provider_of_a_client_is_found(tmp_path: Path) -> None:
    template = changed(tmp_path, "!If [HasGoogle, !Ref Google,", "!If [HasSaml, !Ref Google,")
    with pytest.raises(InfraError, match=r"WebClient: no such identity provider: \$\{Google\}"):
        check(template, GOOD | SAML)


def test_mapped_attribute_that_a_client_cannot_write_is_found(tmp_path: Path) -> None:
    template = changed(tmp_path, "[email, name, phone", "[email, phone")
    check(template, GOOD)
    with pytest.raises(InfraError, match="WebClient cannot write name, which Corporate maps"):
        check(template, GOOD | SAML)


def test_provider_without_an_email_attribute_is_found(tmp_path: Path) -> None:
    template = changed(tmp_path, "        email: !Ref SamlEmailAttribute\n", "")
    with pytest.raises(InfraError, match="Corporate does not map email"):
        check(template, GOOD | SAML)
