"""Colours of the site: which are refused, what is proposed, and the ones of dark pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from project.environment import colors

STYLESHEET = Path(__file__).resolve().parents[3] / "accounts/static/gatehouse/style.css"
LIGHT_GROUNDS, DARK_GROUNDS = ("#f6f5f1", "#ffffff"), ("#14181b", "#1d2327")


@pytest.mark.parametrize(
    ("raw", "color"),
    [
        ("#4f46e5", "#4f46e5"),
        ("#4F46E5", "#4f46e5"),
        ("4f46e5", "#4f46e5"),
        ("#111", "#111111"),
        ("#000000", "#000000"),
        ("#1f5f5b", "#1f5f5b"),
    ],
)
def test_hex_color_is_accepted(raw: str, color: str) -> None:
    assert colors.light(raw) == color


@pytest.mark.parametrize(
    "raw",
    ["", "#", "teal", "#12345", "#1234567", "#12345678", "rgb(1,2,3)", "#ggg", "#fff;}", "#١٢٣"],
)
def test_text_that_is_no_hex_color_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="expected a hex colour, such as #1f5f5b"):
        colors.light(raw)


@pytest.mark.parametrize("raw", ["#ffffff", "#ffcc00", "#059669", "#635bff", "#888", "#2563eb"])
def test_pale_color_is_refused_with_a_darker_one_of_its_hue(raw: str) -> None:
    with pytest.raises(ValueError, match=r"legible on light pages.*choose a darker one") as refused:
        colors.light(raw)
    proposal = re.findall("#[0-9a-f]{6}", str(refused.value))[-1]
    assert colors.light(proposal) == proposal
    assert all(colors.contrast(proposal, ground) >= 4.5 for ground in LIGHT_GROUNDS)


@pytest.mark.parametrize("raw", ["#000", "#1f5f5b", "#0000ff"])
def test_deep_color_is_refused_for_dark_pages_with_a_lighter_one(raw: str) -> None:
    with pytest.raises(ValueError, match=r"legible on dark pages.*choose a lighter one") as refused:
        colors.dark(raw)
    proposal = re.findall("#[0-9a-f]{6}", str(refused.value))[-1]
    assert colors.dark(proposal) == proposal
    assert all(colors.contrast(proposal, ground) >= 4.5 for ground in DARK_GROUNDS)


def test_refusal_does_not_round_a_contrast_up_to_the_minimum() -> None:
    with pytest.raises(ValueError, match=r"its contrast is 4\.4:1 and must be 4\.5:1"):
        colors.light("#2563eb")


@pytest.mark.parametrize(
    "color", ["#000000", "#1f5f5b", "#0000ff", "#4f46e5", "#7c3aed", "#b9460a"]
)
def test_every_color_of_light_pages_has_one_for_dark_pages(color: str) -> None:
    dark = colors.dark_of(color)
    assert colors.dark(dark) == dark
    assert all(colors.contrast(dark, ground) >= 6 for ground in DARK_GROUNDS)


def test_contrast_is_that_of_the_guidelines() -> None:
    assert colors.contrast("#ffffff", "#000000") == pytest.approx(21)
    assert colors.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert colors.contrast("#ffffff", "#777777") == pytest.approx(4.48, abs=0.005)


def test_grounds_are_those_of_the_stylesheet() -> None:
    style = STYLESHEET.read_text("utf-8")
    grounds = re.findall(r"--(?:ground|surface): (#[0-9a-f]+);", style)
    assert grounds == ["#f6f5f1", "#fff", "#14181b", "#1d2327"]
