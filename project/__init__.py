"""Wiring only: settings from the environment, addresses, health."""
