"""The operations of `me…` in the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from api.me.passkeys import (
    CreationOptionsSerializer,
    CredentialSerializer,
    OnePasskeyView,
    PasskeyListSerializer,
    PasskeysView,
)
from api.me.password import PasswordChangeSerializer, PasswordView
from api.me.profile import (
    ChangedProfileSerializer,
    ConfirmEmailView,
    EmailCodeSerializer,
    ProfileChangeSerializer,
    ProfileSerializer,
    ProfileView,
)
from api.me.sessions import SessionListSerializer, SessionsView, SessionView
from api.me.totp import TOTPCodeSerializer, TOTPSecretSerializer, TOTPView
from api.me.views import MeView
from api.operation import Operation, Operations

TAG: Final = "Your account"
# The user pool can refuse any call for its quota.
OF_THE_POOL: Final = frozenset({429})

PASSKEY_ID: Final = "q1ZcRk0pVn3g5sYk9xG2Zw"
SUB: Final = "35319903-d9f5-4ba9-9cc9-04cbe1af2978"
PROFILE: Final = {
    "sub": SUB,
    "email": "ada@example.com",
    "email_verified": True,
    "phone_number": None,
    "phone_number_verified": False,
    "name": "Ada Lovelace",
    "locale": "en-GB",
    "zoneinfo": "Europe/London",
    "totp_enabled": False,
}


class PriorActorSerializer(serializers.Serializer[dict[str, Any]]):
    """A party that acted for the user. `issuer` is null if it is the issuer of the token."""

    sub = serializers.CharField()
    issuer = serializers.CharField(allow_null=True)
    client_id = serializers.CharField(allow_null=True)


class ActorSerializer(PriorActorSerializer):
    """The party that acts for the user. `prior` has those before it, the most recent first."""

    prior = PriorActorSerializer(many=True)


class IdentitySerializer(serializers.Serializer[dict[str, Any]]):
    """The claims of the token. A machine client has no username and no groups.

    `actor` is a service or agent that acts for the user (RFC 8693). It is missing if the user
    calls.
    """

    kind = serializers.ChoiceField(["user", "machine"])
    sub = serializers.CharField()
    username = serializers.CharField(allow_null=True)
    token_use = serializers.ChoiceField(["access", "id"])
    client_id = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    groups = serializers.ListField(child=serializers.CharField())
    expires_at = serializers.DateTimeField()
    actor = ActorSerializer(required=False)


OPERATIONS: Final[Operations] = {
    MeView: {
        "get": Operation(
            id="getMe",
            summary="Get the identity in the token",
            description="Returns the claims of the token. Nothing is looked up.",
            tag=TAG,
            gives={200: IdentitySerializer},
            answered={
                "kind": "user",
                "sub": SUB,
                "username": SUB,
                "token_use": "access",
                "client_id": "1example23456789",
                "scopes": ["api/read", "openid"],
                "groups": ["operators"],
                "expires_at": "2026-11-21T06:15:00Z",
                "actor": {
                    "sub": "2agent3456789012345678901",
                    "issuer": None,
                    "client_id": "2agent3456789012345678901",
                    "prior": [],
                },
            },
        ),
        "delete": Operation(
            id="deleteMe",
            summary="Delete your account",
            description="Deletes the user in the user pool, and the sessions, the profile and "
            "everything else of the user that this service stores. This cannot be undone. The last "
            "superuser who can sign in is refused: 403 `last_superuser`.",
            tag=TAG,
            gives={204: None},
            errors=OF_THE_POOL,
        ),
    },
    ProfileView: {
        "get": Operation(
            id="getProfile",
            summary="Get your profile",
            description="Returns the profile in the user pool. A value that is not set is null.",
            tag=TAG,
            gives={200: ProfileSerializer},
            errors=OF_THE_POOL,
            answered=PROFILE,
        ),
        "patch": Operation(
            id="updateProfile",
            summary="Change your profile",
            description="Takes a JSON merge patch (RFC 7396): null removes a value, and omitted "
            "members stay unchanged. A new e-mail address needs a recent sign-in, and takes effect "
            "after you send its code to `me/profile/confirm-email`.",
            tag=TAG,
            takes=ProfileChangeSerializer,
            gives={200: ChangedProfileSerializer},
            errors=OF_THE_POOL,
            sent={"name": "Ada King", "zoneinfo": None},
            answered=PROFILE | {"name": "Ada King", "zoneinfo": None, "pending_email": None},
        ),
    },
    ConfirmEmailView: {
        "post": Operation(
            id="confirmEmail",
            summary="Confirm a new e-mail address",
            description="Takes the code that Cognito sent to the new address.",
            tag=TAG,
            takes=EmailCodeSerializer,
            gives={204: None},
            errors=OF_THE_POOL,
            sent={"code": "123456"},
        )
    },
    PasswordView: {
        "post": Operation(
            id="changePassword",
            summary="Change your password",
            description="Sessions and tokens remain valid. To end them, call "
            "`auth/sign-out-everywhere`.",
            tag=TAG,
            takes=PasswordChangeSerializer,
            gives={204: None},
            errors=OF_THE_POOL,
            sent={"old_password": "correct horse battery", "new_password": "staple, stapled"},
        )
    },
    TOTPView: {
        "post": Operation(
            id="startTotp",
            summary="Start to set up an authenticator app",
            description="Returns a new secret. It takes effect after you confirm it with a code of "
            "the app.",
            tag=TAG,
            gives={200: TOTPSecretSerializer},
            errors=OF_THE_POOL | {409},
            answered={
                "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
                "otpauth_uri": "otpauth://totp/Example:ada%40example.com?secret=JBSWY3DP…",
                "qr_code": "data:image/svg+xml;charset=utf-8,…",
            },
        ),
        "put": Operation(
            id="confirmTotp",
            summary="Confirm an authenticator app",
            description="Takes a code of the app. Each later sign-in asks for a code.",
            tag=TAG,
            takes=TOTPCodeSerializer,
            gives={204: None},
            errors=OF_THE_POOL | {409},
            sent={"code": "123456"},
        ),
        "delete": Operation(
            id="deleteTotp",
            summary="Remove the authenticator app",
            description="Sign-ins no longer ask for a code. It is no error if there was no app.",
            tag=TAG,
            gives={204: None},
            errors=OF_THE_POOL | {409},
        ),
    },
    PasskeysView: {
        "get": Operation(
            id="listPasskeys",
            summary="List your passkeys",
            description="The user pool names a passkey, and it cannot be renamed.",
            tag=TAG,
            gives={200: PasskeyListSerializer},
            errors=OF_THE_POOL | {409},
            answered={
                "passkeys": [
                    {
                        "id": PASSKEY_ID,
                        "name": "Apple Passwords",
                        "relying_party": "example.com",
                        "is_portable": False,
                        "created_at": "2026-11-21T06:00:00Z",
                    }
                ]
            },
        ),
        "post": Operation(
            id="startPasskey",
            summary="Start to register a passkey",
            description="Returns options for `navigator.credentials.create()` on a page of the "
            "relying party's domain. Send the browser's response with `PUT` within a few minutes.",
            tag=TAG,
            gives={200: CreationOptionsSerializer},
            errors=OF_THE_POOL | {409},
            answered={
                "creation_options": {
                    "challenge": "kPzGvG3F1…",
                    "rp": {"id": "example.com", "name": "example.com"},
                    "user": {"id": "MzUz…", "name": "ada@example.com", "displayName": "Ada"},
                    "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
                    "excludeCredentials": [],
                    "authenticatorSelection": {"residentKey": "required"},
                    "timeout": 60000,
                }
            },
        ),
        "put": Operation(
            id="confirmPasskey",
            summary="Register a passkey",
            description="Takes the browser's response to the options, as its `toJSON()` returns "
            "it.",
            tag=TAG,
            takes=CredentialSerializer,
            gives={204: None},
            errors=OF_THE_POOL | {409},
            sent={
                "credential": {
                    "id": PASSKEY_ID,
                    "rawId": PASSKEY_ID,
                    "type": "public-key",
                    "response": {
                        "clientDataJSON": "eyJ0eXBlIjoi…",
                        "attestationObject": "o2NmbXRk…",
                        "transports": ["internal"],
                    },
                    "clientExtensionResults": {},
                }
            },
        ),
    },
    OnePasskeyView: {
        "delete": Operation(
            id="deletePasskey",
            summary="Delete a passkey",
            description="Sessions and tokens remain valid. The only way to sign in to an account "
            "cannot be deleted: 409 `last_factor`.",
            tag=TAG,
            gives={204: None},
            errors=OF_THE_POOL | {409},
        )
    },
    SessionsView: {
        "get": Operation(
            id="listSessions",
            summary="List your browser sessions",
            description="Lists up to 100 signed-in browsers, the most recently used first. The "
            "list does not include applications with tokens of their own.",
            tag=TAG,
            gives={200: SessionListSerializer},
            answered={
                "sessions": [
                    {
                        "id": "0b0f2b9e-3f0c-4f0e-9a55-4c1d3f5f7a10",
                        "browser": "Firefox on Windows",
                        "address": "203.0.113.7",
                        "signed_in_at": "2026-11-21T06:00:00Z",
                        "last_seen_at": "2026-11-21T06:05:00Z",
                    }
                ]
            },
        )
    },
    SessionView: {
        "delete": Operation(
            id="deleteSession",
            summary="Sign a browser out",
            description="Ends the session at once, and refuses the bearer tokens of its sign-in "
            "within ten seconds.",
            tag=TAG,
            gives={204: None},
        )
    },
}
