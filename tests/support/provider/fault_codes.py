"""The error code of a sign-in whose answer has a fault, by the name of the fault."""

from __future__ import annotations

_FAULTS = {
    "wrong_issuer": "wrong_iss",
    "missing_claim": "no_iss no_aud no_nonce no_exp no_sub",
    "wrong_client": "wrong_aud aud_list_extra azp_other access_other_client",
    "wrong_nonce": "bad_nonce replayed",
    "invalid_claim": "empty_nonce list_nonce null_exp empty_sub list_sub",
    "token_expired": "expired access_expired",
    "lifetime_too_long": "old_iat",
    "token_not_yet_valid": "future_nbf future_iat",
    "bad_signature": "bad_sig other_key kid_of_second_key",
    "unknown_key": "other_key_embedded jku unknown_kid access_forged",
    "unsupported_algorithm": "hs256_secret hs256_client_id rs512 crit",
    "malformed_token": "malformed deep_header id_huge",
    "wrong_access_token": (
        "bad_at_hash other_sub access_garbage access_other_sub access_of_another_sign_in"
    ),
    "wrong_token_use": "wrong_token_use swapped",
    "grant_refused": "invalid_grant invalid_grant_with_200",
    "malformed_answer": (
        "garbage html empty array long_number bom utf16 id_missing id_null id_empty id_number "
        "access_only_openid access_missing access_null refresh_number refresh_surrogate "
        "dup_members error_list error_object wrong_type no_type unknown_error invalid_request "
        "created"
    ),
    "transport_error": "deep",
    "hosted_ui_unavailable": "error_and_tokens error_with_200 server_error",
    "client_refused": "invalid_client unauthorized_client unsupported_grant_type",
    "throttled": "throttled",
}

CODES = {fault: code for code, faults in _FAULTS.items() for fault in faults.split()}

# Tests over HTTP use one fault of each code. `tests/cognito/hosted_ui` tests every fault.
ONE_OF_EACH = tuple(faults.split()[0] for faults in _FAULTS.values())
