from __future__ import annotations

from infra.product.changes import added

BEFORE = """\
# Changes

Newest first.

## Unreleased

### Added

- A page
  of two lines.

## 0.1.0 (2026-01-01)

- The first.
"""
AFTER = """\
# Changes

Newest first.

<!-- a comment -->
## Unreleased

### Before you upgrade

#### Who deploys

- Set a variable.

#### Clients of the API

- Send a header.

## 0.2.0 (2026-02-01)

### Added

- A page
  of two lines.
- Another page.

### Fixed

- A fault.

## 0.1.0 (2026-01-01)

- The first.
"""


def test_entries_that_are_new_are_shown_under_their_headings() -> None:
    assert (
        added(BEFORE, AFTER)
        == """\
## Unreleased

### Before you upgrade

#### Who deploys

- Set a variable.

#### Clients of the API

- Send a header.

## 0.2.0 (2026-02-01)

### Added

- Another page.

### Fixed

- A fault."""
    )


def test_nothing_is_new_in_the_same_changelog() -> None:
    assert added(AFTER, AFTER) == added(AFTER, "") == ""


def test_everything_is_new_without_an_earlier_changelog() -> None:
    assert added("", BEFORE).startswith("## Unreleased\n\n### Added\n\n- A page\n  of two lines.")
