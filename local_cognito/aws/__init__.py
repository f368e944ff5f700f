"""MiniStack behind a guard, with functions of AWS that MiniStack lacks.

This package runs in MiniStack's own virtual environment (`.venvs/ministack`). It imports only the
standard library, MiniStack, and what MiniStack installs.
"""
