"""The OpenAPI document and its page. Its modules are loaded on the first request for it."""
