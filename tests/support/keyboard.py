"""Use a page with the keyboard alone, and notice where it does not work."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

# Pages with long lists have more places to stop at, but none needs more to reach its main action.
MAX_STOPS = 150

# Whether the user sees which element has the focus: it is in the window, and has an outline.
_FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const name = `${element.localName} "${(element.textContent.trim() || element.name || "")
    .replace(/\\s+/g, " ").slice(0, 40)}"`;
  const faults = [];
  const isInside = box.width > 0 && box.height > 0 && box.right > 0 && box.bottom > 0
    && box.left < innerWidth && box.top < innerHeight;
  if (!isInside) faults.push(`${name} has the focus outside of the window`);
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 1) {
    faults.push(`${name} has the focus, and no outline`);
  }
  return faults;
}"""


def faults_of_focus(page: Page) -> list[str] | None:
    """Return what is wrong with the element that has the focus, or None if there is none."""
    found: list[str] | None = page.evaluate(_FOCUS)
    return found


def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press a key until `target` has the focus. Every stop on the way must be visible."""
    expect(target).to_be_visible()
    for _ in range(MAX_STOPS):
        page.keyboard.press(key)
        faults = faults_of_focus(page)
        assert not faults, faults
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {target}")


def activate(page: Page, target: Locator) -> None:
    tab_to(page, target)
    page.keyboard.press("Enter")


def type_into(page: Page, target: Locator, text: str) -> None:
    """Replace the text of a field."""
    tab_to(page, target)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def stops(page: Page) -> list[str]:
    """Press Tab from the beginning of the page to its end, and return the places it stops at.

    Raises AssertionError if the focus is invisible or does not leave the page.
    """
    found: list[str] = []
    for _ in range(MAX_STOPS):
        page.keyboard.press("Tab")
        faults = faults_of_focus(page)
        if faults is None:
            return found
        assert not faults, faults
        found.append(
            page.evaluate(
                "document.activeElement.innerText?.trim() || document.activeElement.name || ''"
            )
        )
    raise AssertionError(f"the focus does not leave the page after {MAX_STOPS} stops: {found}")
