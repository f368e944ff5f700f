"""The OpenAPI document of the API and its page. Nothing of it is loaded before it is asked for."""
