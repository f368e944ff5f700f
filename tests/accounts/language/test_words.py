"""Words of errors in the language of the request."""

from __future__ import annotations

import pytest
from django.utils import translation

from accounts.language.words import advice_of, message_of, title_of
from accounts.not_allowed import LastSuperuser
from cognito.errors import OperationNotSupported, Throttled, UserNotFound


def test_error_is_english_without_a_language() -> None:
    assert message_of(Throttled()) == Throttled.message


def test_error_has_the_words_of_the_language() -> None:
    with translation.override("de"):
        assert title_of(Throttled()) == "Der Anmeldedienst ist ausgelastet"
        assert advice_of(Throttled) == "Versuchen Sie es in einer Minute erneut."
        assert message_of(Throttled()) == (
            "Der Anmeldedienst ist ausgelastet. Versuchen Sie es in einer Minute erneut."
        )


def test_error_without_advice_is_one_sentence() -> None:
    with translation.override("de"):
        assert message_of(UserNotFound()) == "Diesen Benutzer gibt es nicht."


def test_more_exact_words_are_shown_in_english_only() -> None:
    error = OperationNotSupported("This user pool service does not support editing groups.")
    assert message_of(error) == str(error)
    with translation.override("de"):
        assert message_of(error) == "Dieser Benutzerpool-Dienst unterstützt diesen Vorgang nicht."


def test_refusal_by_a_rule_of_this_site_is_translated() -> None:
    assert message_of(LastSuperuser()) == LastSuperuser.message
    with translation.override("de"):
        assert message_of(LastSuperuser()).startswith("Dies ist der letzte Superuser")


@pytest.mark.parametrize("language", ["en", "de"])
def test_log_and_audit_trail_have_codes_of_no_language(language: str) -> None:
    with translation.override(language):
        assert LastSuperuser().code == "last_superuser"
        assert str(Throttled()) == Throttled.message
