"""What a user of a small window, or of a large text, cannot read on a page."""

from __future__ import annotations

from playwright.sync_api import Page

# Visible text and controls that leave the window or the box around them, or that cover each other.
# A table or a line of code may scroll in a box of its own (WCAG 2.2, 1.4.10).
_FAULTS = """() => {
  const faults = [];
  const width = document.documentElement.clientWidth;
  const name = (element) => {
    const text = element.textContent.trim() || element.getAttribute("name") || "";
    return `${element.localName} "${text.replace(/\\s+/g, " ").slice(0, 40)}"`;
  };
  if (document.documentElement.scrollWidth > width) faults.push("the page scrolls sideways");

  // For screen readers only.
  const isHidden = (style) => style.clipPath !== "none" || style.clip !== "auto";

  // The part of a rectangle that the boxes around the element show; null if it scrolls in one.
  const shown = (around, box) => {
    let { left, right, top, bottom } = box;
    for (let one = around; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (["auto", "scroll"].includes(style.overflowX) && one !== document.body) return null;
      if (isHidden(style)) return null;
      if (style.overflowX === "hidden" || style.overflowX === "clip") {
        const edges = one.getBoundingClientRect();
        left = Math.max(left, edges.left);
        right = Math.min(right, edges.right);
      }
      if (style.position === "fixed") break;
    }
    return { left: Math.max(left, 0), right: Math.min(right, width), top, bottom };
  };

  const texts = [];
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest("svg, noscript, script, style, option, [inert]")) continue;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (isHidden(getComputedStyle(element))) continue;
    const boxes = [];
    for (const node of element.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      boxes.push(...range.getClientRects());
    }
    const controls = "input:not([type=hidden]), select, textarea, button, img, progress";
    const isControl = element.matches(controls);
    if (isControl) boxes.push(element.getBoundingClientRect());
    for (const box of boxes) {
      // A link that appears when it has the focus.
      if (box.width < 2 || box.height < 2 || box.right <= 0) continue;
      const seen = shown(isControl ? element.parentElement : element, box);
      if (!seen) continue;
      const isCut = seen.left - box.left > 1 || box.right - seen.right > 1;
      if (isCut) faults.push(`cut: ${name(element)}`);
      if (!isControl) texts.push([element, box]);
    }
  }

  // Boxes of text are a little higher than their letters, and lines can be close.
  for (const [index, [one, a]] of texts.entries()) {
    for (const [other, b] of texts.slice(index + 1)) {
      if (one === other || one.contains(other) || other.contains(one)) continue;
      const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (x > 2 && y > 0.4 * Math.min(a.height, b.height)) {
        faults.push(`covered: ${name(one)} and ${name(other)}`);
      }
    }
  }
  return [...new Set(faults)];
}"""


def faults_of_layout(page: Page, width: int) -> list[str]:
    """Return what is cut, covered or too wide in a window of that width, in CSS pixels."""
    height = 800
    page.set_viewport_size({"width": width, "height": height})
    return [str(fault) for fault in page.evaluate(_FAULTS)]
