"""Exports of other services, read as users of an export of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from infra.user_import import people
from infra.user_import.people import Person

SOURCES: Mapping[str, Callable[[Path], list[Person]]] = {"django": people.read}
