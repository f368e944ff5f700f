"""Sign-ins with a passkey, without MiniStack."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from local_cognito.aws.context import Context
from local_cognito.aws.ministack_pools import MiniStackPools
from local_cognito.aws.operations import passkeys
from local_cognito.aws.service_errors import NotAuthorized, ServiceError
from local_cognito.aws.webauthn import user_pool
from local_cognito.aws.webauthn.errors import ChallengeNotFound
from local_cognito.aws.webauthn.options import CHALLENGE_SECONDS
from local_cognito.expiring_store import ExpiringStore
from tests.support.clock import ManualClock
from tests.support.software_authenticator import SoftwareAuthenticator

Record = dict[str, Any]


class MiniStackModule:
    """The part of MiniStack's module `cognito` that passkeys need. An access token is a `sub`."""

    def __init__(self, pool: Record) -> None:
        self._user_pools = {pool["Id"]: pool}

    def _token_claims(self, token: str) -> dict[str, str]:
        return {"iss": "https://cognito-idp/eu-west-1_a", "username": token, "client_id": "c"}


def new_pool(**changes: Any) -> Record:
    users = {
        sub: {"Username": sub, "Attributes": [{"Name": "sub", "Value": sub}]}
        for sub in ("ada", "bob")
    }
    policy = {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}
    return {
        "Id": "eu-west-1_a",
        "Policies": {"SignInPolicy": policy},
        "WebAuthnConfiguration": {"RelyingPartyId": "localhost"},
        "_users": users,
        **changes,
    }


@pytest.fixture
def pool() -> Record:
    return new_pool()


@pytest.fixture
def context(pool: Record) -> Context:
    return Context(MiniStackPools(MiniStackModule(pool)))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    clock = ManualClock(1000.0)
    store = ExpiringStore[passkeys.Registration](seconds=CHALLENGE_SECONDS, clock=clock)
    monkeypatch.setattr(passkeys, "_registrations", store)
    return clock


def start(context: Context, sub: str = "ada") -> Any:
    started = passkeys.start_registration({"AccessToken": sub}, context)
    return started["CredentialCreationOptions"]


def complete(context: Context, credential: Any, sub: str = "ada") -> None:
    passkeys.complete_registration({"AccessToken": sub, "Credential": credential}, context)


def register(context: Context, sub: str = "ada") -> SoftwareAuthenticator:
    authenticator = SoftwareAuthenticator()
    complete(context, authenticator.register(start(context, sub)), sub)
    return authenticator


def options_of(begun: user_pool.WebAuthnChallenge) -> Any:
    return json.loads(begun.parameters["CREDENTIAL_REQUEST_OPTIONS"])


def test_challenge_of_a_registration_expires(context: Context, clock: ManualClock) -> None:
    options = start(context)
    clock.now += CHALLENGE_SECONDS - 1
    complete(context, SoftwareAuthenticator().register(options))
    options = start(context)
    clock.now += CHALLENGE_SECONDS
    with pytest.raises(ChallengeNotFound):
        complete(context, SoftwareAuthenticator().register(options))


def test_user_signs_in_with_a_registered_passkey(context: Context, pool: Record) -> None:
    authenticator, ada = register(context), pool["_users"]["ada"]
    assert user_pool.can_sign_in(pool, ada)
    begun = user_pool.begin_sign_in(pool, ada, "ada")
    credential = json.dumps(authenticator.sign_in(options_of(begun)))
    used = user_pool.finish_sign_in(
        context, pool, ada, challenge=begun.challenge, credential=credential
    )
    assert used.is_user_verified
    assert [used.passkey] == user_pool.passkeys_of(ada)
    assert user_pool.passkeys_of(ada)[0].sign_count == 1
    with pytest.raises(NotAuthorized):
        user_pool.finish_sign_in(
            context, pool, ada, challenge=begun.challenge, credential=credential
        )


def test_passkey_of_another_user_is_refused(context: Context, pool: Record) -> None:
    register(context)
    authenticator = register(context, "bob")
    ada = pool["_users"]["ada"]
    begun = user_pool.begin_sign_in(pool, ada, "ada")
    credential = json.dumps(authenticator.sign_in(options_of(begun)))
    for user in (ada, None):
        with pytest.raises(NotAuthorized) as refused:
            user_pool.finish_sign_in(
                context, pool, user, challenge=begun.challenge, credential=credential
            )
        assert refused.value.message == "Incorrect username or password."


def test_simultaneous_responses_with_one_counter_sign_in_once(
    context: Context, pool: Record
) -> None:
    authenticator, ada = register(context), pool["_users"]["ada"]
    begun = user_pool.begin_sign_in(pool, ada, "ada")
    credential = json.dumps(authenticator.sign_in(options_of(begun)))
    outcomes: list[bool] = []
    ready = threading.Barrier(4)

    def sign_in() -> None:
        ready.wait()
        try:
            user_pool.finish_sign_in(
                context, pool, ada, challenge=begun.challenge, credential=credential
            )
            outcomes.append(True)
        except NotAuthorized:
            outcomes.append(False)

    threads = [threading.Thread(target=sign_in) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False, False, False, True]


def test_options_for_an_unknown_user_look_like_those_of_a_user(
    context: Context, pool: Record
) -> None:
    register(context)
    ada = options_of(user_pool.begin_sign_in(pool, pool["_users"]["ada"], "ada"))
    unknown = options_of(user_pool.begin_sign_in(pool, None, "eve@example.com"))
    assert unknown.keys() == ada.keys()
    [passkey], [invented] = ada["allowCredentials"], unknown["allowCredentials"]
    assert invented.keys() == passkey.keys()
    assert (unknown["rpId"], unknown["userVerification"]) == ("localhost", "preferred")


def test_invented_passkey_is_stable_and_different_for_each_name_and_pool(pool: Record) -> None:
    def invented(name: str, pool: Record = pool) -> str:
        # Users without a passkey get the same kind of answer as unknown ones.
        user = pool["_users"].get(name)
        options = options_of(user_pool.begin_sign_in(pool, user, name))
        return str(options["allowCredentials"])

    assert invented("eve@example.com") == invented("EVE@example.com")
    names = [f"{number}@example.com" for number in range(50)]
    assert len({invented(name) for name in ["ada", *names]}) == 51
    assert invented("eve@example.com") != invented("eve@example.com", new_pool())
    # The key survives a restart of the stack.
    restarted = json.loads(json.dumps(pool))
    assert invented("eve@example.com") == invented("eve@example.com", restarted)


@pytest.mark.parametrize(
    ("changes", "has_second_factor", "can_sign_in"),
    [
        ({}, False, True),
        ({}, True, False),
        ({"MfaConfiguration": "ON"}, False, False),
        ({"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}}, False, False),
        ({"Policies": None}, False, False),
        ({"WebAuthnConfiguration": {"RelyingPartyId": "example.com"}}, False, False),
    ],
)
def test_passkey_is_offered_where_cognito_accepts_it(
    context: Context,
    pool: Record,
    *,
    changes: Record,
    has_second_factor: bool,
    can_sign_in: bool,
) -> None:
    register(context)
    pool |= changes
    ada = pool["_users"]["ada"]
    ada["_mfa_enabled"] = ["SOFTWARE_TOKEN_MFA"] if has_second_factor else []
    assert user_pool.can_sign_in(pool, ada) is can_sign_in
    assert not user_pool.can_sign_in(pool, pool["_users"]["bob"])


def test_passkey_that_counts_as_two_factors_must_verify_the_user(
    context: Context, pool: Record
) -> None:
    authenticator, ada = register(context), pool["_users"]["ada"]
    pool["WebAuthnConfiguration"]["FactorConfiguration"] = user_pool.MULTI_FACTOR
    pool["MfaConfiguration"] = "ON"
    assert user_pool.can_sign_in(pool, ada)
    begun = user_pool.begin_sign_in(pool, ada, "ada")
    assert options_of(begun)["userVerification"] == "required"
    authenticator.verifies = False
    with pytest.raises(NotAuthorized):
        user_pool.finish_sign_in(
            context,
            pool,
            ada,
            challenge=begun.challenge,
            credential=json.dumps(authenticator.sign_in(options_of(begun))),
        )
    authenticator.verifies = True
    assert user_pool.finish_sign_in(
        context,
        pool,
        ada,
        challenge=begun.challenge,
        credential=json.dumps(authenticator.sign_in(options_of(begun))),
    )


def test_relying_party_is_the_custom_domain_or_that_of_the_local_hosted_ui() -> None:
    pool = new_pool(WebAuthnConfiguration=None)
    with pytest.raises(ServiceError) as refused:
        user_pool.relying_party(pool)
    assert refused.value.code == "WebAuthnConfigurationMissingException"
    assert user_pool.relying_party({**pool, "Domain": "prefix"}).id == "localhost"
    custom = {**pool, "Domain": "prefix", "CustomDomain": "login.example.com"}
    assert user_pool.relying_party(custom).id == "login.example.com"
