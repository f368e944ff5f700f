"""What every view of the API does unless it says otherwise, as settings of what it is made with."""

from __future__ import annotations

REST_FRAMEWORK: dict[str, object] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.CognitoAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    # A request without credentials has no user, rather than Django's AnonymousUser.
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_PARSER_CLASSES": ["api.wire.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.wire.negotiation.JSONOnly",
    "URL_FORMAT_OVERRIDE": None,
    "FORMAT_SUFFIX_KWARG": None,
    # OPTIONS would describe the fields of a view to every caller.
    "DEFAULT_METADATA_CLASS": None,
    # A name, so that it is imported only for the OpenAPI document.
    "DEFAULT_SCHEMA_CLASS": "api.openapi.schema.Schema",
    "EXCEPTION_HANDLER": "api.wire.exception_handler.handle_exception",
    # The client can forge X-Forwarded-For, so throttles use the peer's address.
    "NUM_PROXIES": 0,
}

SPECTACULAR_SETTINGS: dict[str, object] = {
    # What is sent and what is answered differ in what they must have.
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {"SecondFactor": "cognito.user_pool.challenges.SECOND_FACTORS"},
    # In the order of the addresses, which is the order of use.
    "SORT_OPERATIONS": False,
}
