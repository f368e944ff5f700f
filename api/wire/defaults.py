"""Settings of Django REST framework and drf-spectacular: the defaults of all views of the API."""

from __future__ import annotations

REST_FRAMEWORK: dict[str, object] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.CognitoAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    # Without credentials, `request.user` is None instead of an AnonymousUser.
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_PARSER_CLASSES": ["api.wire.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.wire.negotiation.JSONOnly",
    "URL_FORMAT_OVERRIDE": None,
    "FORMAT_SUFFIX_KWARG": None,
    # Otherwise, OPTIONS would describe the fields of a view to any visitor.
    "DEFAULT_METADATA_CLASS": None,
    # The name is imported only on a request for the OpenAPI document.
    "DEFAULT_SCHEMA_CLASS": "api.openapi.schema.Schema",
    "EXCEPTION_HANDLER": "api.wire.exception_handler.handle_exception",
    # Clients can forge X-Forwarded-For, so throttle by the address of the peer.
    "NUM_PROXIES": 0,
}

SPECTACULAR_SETTINGS: dict[str, object] = {
    # Requests and responses require different members.
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "FirstFactor": "cognito.user_pool.challenges.FIRST_FACTORS",
        "SecondFactor": "cognito.user_pool.challenges.SECOND_FACTORS",
    },
    # Keep the order of the URL patterns, which is the order of use.
    "SORT_OPERATIONS": False,
}
