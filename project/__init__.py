"""The wiring: settings, URLs, health and the entry points."""
