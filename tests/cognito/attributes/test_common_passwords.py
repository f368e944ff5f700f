"""Tests of the check for common passwords, which attackers try first."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import CommonPasswordValidator

from cognito.attributes.common_passwords import is_common

KNOWN = frozenset(CommonPasswordValidator().passwords)


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "PASSWORD1234",
        "Password1234!",
        "P@ssw0rd2026!!",
        "!password!2026",
        "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff441234",
        "123456789012",
        "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660\u0661\u0662",
        "000000000000",
        "aaaaaaaaaaaa",
        "!!!!!!!!!!!!",
        "abcabcabcabc",
        "passwordpassword",
        "abc123abc123",
        "abcdefghijkl",
        "zyxwvutsrqpo",
        "qwertyuiopas",
        "1q2w3e4r5t6y",
        "iloveyou1234",
        "letmein12345",
    ],
)
def test_common_password_with_additions_is_found(password: str) -> None:
    assert is_common(password, KNOWN)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "another horse battery staple",
        "correcthorsecorrecthorse",
        "Tr0ub4dor&3xyz",
        "8#4!2@9$7%1^",
        "love%83&19#@2!4",
        "dragon7190384625",
        "f3b1a9d0-aa11",
        "x" * 64,
        "\u00e9" * 12,
    ],
)
def test_uncommon_password_is_allowed(password: str) -> None:
    assert not is_common(password, KNOWN)
