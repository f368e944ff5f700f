"""Hosts of the APIs that are deployed to MiniStack: `<id>.execute-api.localhost`, custom domains.

Web pages of any origin may call them, as they may call an API on AWS. But MiniStack answers some
paths (`/_ministack/reset`, `/oauth2/token`, `/login`, `/health`) before it reads the host, so such
a host would give access to all of the local AWS.
"""

from __future__ import annotations

from typing import Any

# MiniStack has no types, and these functions are private. The tests of a deployed stage fail if a
# new version changes them.
MiniStackModule = Any


def is_api_host(ministack: MiniStackModule, name: str) -> bool:
    """Return whether the host `name`, without a port, is that of an existing API or domain."""
    rest_apis = ministack._get_module("apigateway_v1")  # noqa: SLF001
    match = ministack._EXECUTE_API_RE.match(name)  # noqa: SLF001
    if match:
        http_apis = ministack._get_module("apigateway")  # noqa: SLF001
        return any(apis.find_api_scope(match[1]) for apis in (rest_apis, http_apis))
    # A name without a dot is never a custom domain.
    return "." in name and rest_apis.find_domain_scope(name) is not None


def serve_their_api_alone(ministack: MiniStackModule) -> None:
    """Let only API Gateway answer requests to such a host."""

    def is_for_api(headers: dict[str, str]) -> bool:
        return is_api_host(ministack, headers.get("host", "").partition(":")[0].lower())

    def skipped_for_apis(handler: Any) -> Any:
        async def handle(method: str, path: str, headers: dict[str, str], *rest: Any) -> Any:
            if is_for_api(headers):
                return None
            return await handler(method, path, headers, *rest)

        return handle

    def api_gateway_alone(handler: Any) -> Any:
        async def handle(*request: Any, **raw: Any) -> Any:
            method, path, headers, body, query, request_id = request
            if not is_for_api(headers):
                return await handler(*request, **raw)
            answer = await ministack._handle_execute_api_request(  # noqa: SLF001
                headers["host"],
                path,
                method,
                headers,
                body,
                query,
                raw_path=raw["raw_path"],
                raw_query_string=raw["raw_query_string"],
            )
            if answer is None:
                answer = 404, {"Content-Type": "application/json"}, b'{"message": "Not Found"}'
            return ministack._with_data_plane_headers(  # noqa: SLF001
                answer, request_id, wildcard_cors=False
            )

        return handle

    for name, wrapped in {
        "_handle_pre_body_request": skipped_for_apis,
        "_handle_post_body_shortcuts": skipped_for_apis,
        "_handle_special_data_plane_request": api_gateway_alone,
    }.items():
        setattr(ministack, name, wrapped(getattr(ministack, name)))
