"""A product that was started from this repository: its first commit, and its updates."""
