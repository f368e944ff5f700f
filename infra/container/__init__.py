"""Prepare the files of the container image: docs/container.md."""
