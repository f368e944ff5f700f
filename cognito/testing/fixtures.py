"""A pytest plugin: ``-p cognito.testing.fixtures``."""

from __future__ import annotations
