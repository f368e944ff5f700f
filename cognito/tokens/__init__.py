"""Verifying a pool's tokens: parsing, keys, signature and claims."""
