"""Verification of tokens: parsing, keys, signatures and claims."""
