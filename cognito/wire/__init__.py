"""Bounded HTTP, strict JSON, base64url and base URLs."""
