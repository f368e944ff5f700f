"""MiniStack behind a guard, and what AWS does that MiniStack leaves out.

Runs in MiniStack's own virtual environment (`.venvs/ministack`): imports the standard library,
MiniStack, and nothing that MiniStack does not bring.
"""
