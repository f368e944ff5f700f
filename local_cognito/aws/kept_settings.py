"""Settings of user pools and app clients that MiniStack drops.

CreateUserPool, UpdateUserPool and their counterparts for app clients keep only the members that
MiniStack knows, and CloudFormation only the properties. `install` keeps the others, so that the
Describe operations show them and our operations follow them.
"""
# ruff: noqa: SLF001

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from ministack.core.responses import error_response_json

from local_cognito.aws.ministack_pools import Record
from local_cognito.aws.tokens import levels

# Members of both the create and the update operation. An update without one resets it, as on AWS.
POOL_SETTINGS = ("AcrConfiguration", "DcrConfiguration", "IssuerConfiguration", "KeyConfiguration")
CLIENT_SETTINGS = ("RefreshTokenRotation",)

# Properties of AWS::Cognito::UserPool, by the member of SetUserPoolMfaConfig that they set.
_PASSKEY_PROPERTIES = {
    "WebAuthnRelyingPartyID": "RelyingPartyId",
    "WebAuthnUserVerification": "UserVerification",
    "WebAuthnFactorConfiguration": "FactorConfiguration",
}
_EMAIL_PROPERTIES = {
    "EmailAuthenticationMessage": "Message",
    "EmailAuthenticationSubject": "Subject",
}


def install(cognito: Any, provisioners: Any) -> None:
    """Wrap the functions of MiniStack's modules `cognito` and `cloudformation.provisioners`."""
    for name, kind, settings in (
        ("_create_user_pool", "UserPool", POOL_SETTINGS),
        ("_update_user_pool", "UserPool", POOL_SETTINGS),
        ("_create_user_pool_client", "UserPoolClient", CLIENT_SETTINGS),
        ("_update_user_pool_client", "UserPoolClient", CLIENT_SETTINGS),
    ):
        setattr(cognito, name, _keeping(cognito, getattr(cognito, name), kind, settings))
    provisioners._COGNITO_USER_POOL_UPDATABLE |= dict.fromkeys(POOL_SETTINGS)
    provisioners._COGNITO_USER_POOL_CLIENT_UPDATABLE |= dict.fromkeys(CLIENT_SETTINGS)
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Cognito::UserPool"]
    create, update = handlers["create"], handlers["update"]

    def create_with_factors(logical_id: str, properties: Record, stack_name: str) -> Any:
        created = create(logical_id, properties, stack_name)
        _set_factors(cognito, created[0], properties)
        return created

    def update_with_factors(
        physical_id: str, old: Record, new: Record, stack_name: str, logical_id: str | None = None
    ) -> Any:
        updated = update(physical_id, old, new, stack_name, logical_id)
        _set_factors(cognito, physical_id, new)
        return updated

    handlers |= {"create": create_with_factors, "update": update_with_factors}
    # The local hosted UI has one style. Without a handler, a stack with this resource would fail.
    provisioners._RESOURCE_HANDLERS["AWS::Cognito::ManagedLoginBranding"] = {
        "create": lambda logical_id, _properties, stack_name: (f"{stack_name}-{logical_id}", {}),
        "delete": lambda _physical_id, _properties: None,
    }


def _keeping(cognito: Any, function: Any, kind: str, settings: tuple[str, ...]) -> Any:
    def keep(request: Record) -> Any:
        kept = {name: request[name] for name in settings if request.get(name) is not None}
        if "AcrConfiguration" in kept:
            kept["AcrConfiguration"] = _with_default_names(kept["AcrConfiguration"])
            names = [level["AcrValue"] for level in kept["AcrConfiguration"].values()]
            if len(set(names)) < len(names):
                text = "Each AcrValue must be unique, also among the default names."
                return error_response_json("InvalidParameterException", text)
        status, headers, body = function(request)
        if status != HTTPStatus.OK:
            return status, headers, body
        answer = json.loads(body or b"{}")
        described = answer.get(kind, request)
        record = cognito._user_pools.get(described.get("Id") or request.get("UserPoolId"))
        if kind == "UserPoolClient":
            record = record["_clients"][described["ClientId"]]
        for name in settings:
            record.pop(name, None)
            answer.get(kind, {}).pop(name, None)
        record |= kept
        if kind in answer:
            body = json.dumps({**answer, kind: {**answer[kind], **kept}}).encode()
        return status, headers, body

    return keep


def _with_default_names(configuration: Record) -> Record:
    """Return the names of all levels, as AWS answers."""
    names = levels.names({"AcrConfiguration": configuration})
    return {f"Level{number}": {"AcrValue": name} for number, name in names.items()}


def _set_factors(cognito: Any, pool_id: str, properties: Mapping[str, Any]) -> None:
    pool = cognito._user_pools[pool_id]
    pool["WebAuthnConfiguration"] = _members(properties, _PASSKEY_PROPERTIES)
    enabled = properties.get("EnabledMfas", ())
    # None is a factor that is off. MiniStack then leaves it out of its answers.
    pool["EmailMfaConfiguration"] = (
        _members(properties, _EMAIL_PROPERTIES) if "EMAIL_OTP" in enabled else None
    )


def _members(properties: Mapping[str, Any], names: Mapping[str, str]) -> Record:
    return {member: properties[name] for name, member in names.items() if properties.get(name)}
