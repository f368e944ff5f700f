"""No text that visitors see is written without a mark that lets it be translated."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from infra.environments import ROOT
from infra.messages.unmarked import unmarked_in_module, unmarked_in_template

# Pages that are English in every language.
ENGLISH = {
    # It is for developers, with DJANGO_DEBUG only.
    "accounts/templates/gatehouse/development.html",
    # begin capability docs-page
    # The documentation of the API, whose texts are English by contract.
    "api/templates/gatehouse/api/docs.html",
    "api/templates/gatehouse/api/docs_signed_in.html",
    # end capability docs-page
}
# Texts that are the same in every language.
NAMES = {"Gatehouse", "UTC", "en", "lines", "sub"}


def test_templates_have_no_unmarked_text() -> None:
    found = _found(unmarked_in_template, "accounts", "api", pattern="*.html")
    assert found.keys() >= ENGLISH, "Remove from ENGLISH what is gone."
    assert {path: texts for path, texts in found.items() if path not in ENGLISH} == {}


def test_modules_give_no_unmarked_text_to_a_page() -> None:
    """A serializer's texts are for the API's description, which is English."""
    assert _found(unmarked_in_module, "accounts", "project", pattern="*.py") == {}


def test_scripts_have_no_sentence() -> None:
    """The template gives a script its words, in the language of the page."""
    assert _found(_sentences, "accounts/static", pattern="*.js") == {}


def _found(find: Callable[[str], list[str]], *folders: str, pattern: str) -> dict[str, list[str]]:
    """Return what `find` finds in the files of the application that match `pattern`."""
    found = {
        path.relative_to(ROOT).as_posix(): [
            text for text in find(path.read_text("utf-8")) if text not in NAMES
        ]
        for folder in folders
        for path in sorted((ROOT / folder).rglob(pattern))
        if "migrations" not in path.parts
    }
    return {path: texts for path, texts in found.items() if texts}


def _sentences(script: str) -> list[str]:
    return re.findall(r"""["'`]([A-Z][^"'`\n]* [^"'`\n]*)["'`]""", script)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>Text</p>", ["Text"]),
        ("<p>{{ value }}, {% if a %}or{% endif %} &nbsp; 1</p>", [", or"]),
        ('<img alt="A picture">', ["A picture"]),
        ("<p title='Help' class='no text'></p>", ["Help"]),
        ('<input placeholder="Name" value="not shown" name="n">', ["Name"]),
        ('<input type="submit" value="Send">', ["Send"]),
        ('<a aria-label="{{ name }} open"></a>', ["open"]),
        ('{{ name|default:"None" }}', ["None"]),
        ("{{ is_on|yesno:'On,Off' }}", ["On,Off"]),
        ('{{ at|date:"j F Y" }}', ["j F Y"]),
        ('{% include "a.html" with title="Title" %}', ["Title"]),
        ('<a{% if here %} aria-label="Here"{% endif %}></a>', ["Here"]),
        (
            '<p>{% translate "Text" %} {% blocktranslate %}More {{ x }}{% endblocktranslate %}</p>',
            [],
        ),
        ('{# Comment #}{% comment "x" %}Comment{% endcomment %}', []),
        ('{{ name|default:_("None") }}', []),
        ('{{ at|date:"SHORT_DATE_FORMAT" }} {{ at|date:"c" }} {{ at|date:form }}', []),
        ('{{ at|date:"Y-m-d H:i" }}', []),
        ('{% include "list.html" with kind="latest_list" %}', []),
        ("{% block bodyclass %}{{ block.super }} wide{% endblock %}", []),
        ("<script>const text = 'Text';</script>", []),
        ("<p>{{ count }} / 12</p>", []),
    ],
)
def test_unmarked_text_in_a_template_is_found(source: str, expected: list[str]) -> None:
    assert unmarked_in_template(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('messages.success(request, "Done.")', ["Done."]),
        ('messages.error(request, f"No {name}.")', ["f'No {name}.'"]),
        ('logger.error("Not for visitors.")', []),
        ('raise ValidationError("Wrong.")', ["Wrong."]),
        ('forms.CharField(label="Name")', ["Name"]),
        ('models.BooleanField(help_text="Help")', ["Help"]),
        ('@admin.display(description="Who")\ndef f(): ...', ["Who"]),
        ('class Meta:\n    verbose_name = "device"', ["device"]),
        ('error_page(request, 400, title="Title")', ["Title"]),
        ('error_page(request, 400, advice=f"{one} {two}")', []),
        ('messages.success(request, _("Done."))', []),
        ('forms.CharField(label=_("Name"))', []),
    ],
)
def test_unmarked_text_in_a_module_is_found(source: str, expected: list[str]) -> None:
    assert unmarked_in_module(source) == expected
