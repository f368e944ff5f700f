from __future__ import annotations

import re

from cognito.attributes import temporary_passwords


def test_generated_passwords_satisfy_every_policy_and_differ() -> None:
    generated = {temporary_passwords.generate() for _ in range(500)}
    assert len(generated) == 500
    for password in generated:
        assert re.fullmatch(r"[A-Za-z2-9]{5}(-[A-Za-z2-9]{5}){3}", password)
        assert all(re.search(kind, password) for kind in ("[a-z]", "[A-Z]", "[2-9]"))
        assert not set(password) & set("lIO01")
