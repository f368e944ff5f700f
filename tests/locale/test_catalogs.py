"""Every text that visitors see is translated into every language of the site."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import to_locale

from infra.messages.catalog import Catalog, catalogs
from infra.messages.extraction import Text, Texts, extract, texts_in_module, texts_in_template

RUN = "Run `make messages`, then translate what it lists."


def _name(catalog: Catalog) -> str:
    return f"{catalog.sources[0]}-{catalog.language}"


@pytest.fixture(scope="module")
def texts() -> Texts:
    return extract()


def test_every_language_of_the_site_has_a_catalog() -> None:
    languages = {to_locale(code) for code, _ in settings.LANGUAGES} - {"en"}
    assert {catalog.language for catalog in catalogs()} == languages


@pytest.mark.parametrize("catalog", catalogs(), ids=_name)
def test_every_text_is_translated(catalog: Catalog) -> None:
    assert catalog.problems(extract(sources=catalog.sources)) == [], RUN


@pytest.mark.parametrize("catalog", catalogs(), ids=_name)
def test_compiled_catalog_has_the_translations_of_the_source(catalog: Catalog) -> None:
    assert catalog.compiled_path.read_bytes() == catalog.compiled(), RUN


@pytest.mark.slow
def test_texts_of_each_kind_of_source_are_found(texts: Texts) -> None:
    assert "accounts/templates/gatehouse/logged_out.html" in texts.files[Text("Sign out")]
    assert "project/error_pages.py" in texts.files[Text("Page not found")]
    assert "cognito/errors.py" in texts.files[Text("The sign-in service is busy")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('_("One " "text")', Text("One text")),
        ('gettext_lazy("Text") % {"a": 1}', Text("Text")),
        ('translation.gettext("Text")', Text("Text")),
        ('ngettext("%(n)s file", "%(n)s files", n)', Text("%(n)s file", "%(n)s files")),
        ('pgettext("button", "Open")', Text("Open", context="button")),
        ('npgettext("x", "one", "many", n)', Text("one", "many", "x")),
    ],
)
def test_text_in_a_call_is_found(source: str, expected: Text) -> None:
    assert list(texts_in_module(source)) == [expected]


def test_call_without_a_literal_has_no_text() -> None:
    assert list(texts_in_module("_(error.title)")) == []


def test_f_string_in_a_call_is_refused() -> None:
    with pytest.raises(ValueError, match="line 1"):
        list(texts_in_module('_(f"Hello {name}")'))


def test_words_without_a_mark_are_found_in_cognito_only() -> None:
    source = 'class Busy(E):\n    title = "Busy"\n    advice: str = "Wait."\n    code = "busy"'
    source += '\nMESSAGE = "No."'
    assert [text.singular for text in texts_in_module(source, of_cognito=True)] == [
        "Busy",
        "Wait.",
        "No.",
    ]
    assert list(texts_in_module(source)) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% translate 'A \"b\"' %}", Text('A "b"')),
        ('{% trans "A (b)" %}', Text("A (b)")),
        ('{% translate "Open" context "button" %}', Text("Open", context="button")),
        ('{% include "a.html" with title=_("Title") %}', Text("Title")),
        ('{{ name|default:_("None") }}', Text("None")),
        ("{% blocktranslate %}Hi {{ name }}{% endblocktranslate %}", Text("Hi %(name)s")),
        (
            "{% blocktrans count n=x %}{{ n }} file{% plural %}{{ n }} files{% endblocktrans %}",
            Text("%(n)s file", "%(n)s files"),
        ),
        ("{% blocktranslate trimmed %}\n  a\n  b\n{% endblocktranslate %}", Text("a b")),
    ],
)
def test_text_in_a_template_is_found(source: str, expected: Text) -> None:
    assert list(texts_in_template(source)) == [expected]


class TestCatalog:
    @pytest.fixture
    def catalog(self, tmp_path: Path) -> Catalog:
        catalog = Catalog("de", tmp_path)
        catalog.create()
        return catalog

    @staticmethod
    def texts(*texts: Text) -> Texts:
        found = Texts()
        for text in texts:
            found.add(text, "a.html")
        return found

    def write(self, catalog: Catalog, former: str, new: str) -> None:
        source = catalog.path.read_text("utf-8")
        assert former in source
        catalog.path.write_text(source.replace(former, new), "utf-8")

    def test_new_text_is_reported_until_it_is_translated(self, catalog: Catalog) -> None:
        texts = self.texts(Text("Sign out"))
        assert catalog.problems(texts) == ["is not in the catalog: 'Sign out'"]
        catalog.update(texts)
        assert catalog.problems(texts) == ["is not translated: 'Sign out'"]
        self.write(catalog, 'msgid "Sign out"\nmsgstr ""', 'msgid "Sign out"\nmsgstr "Abmelden"')
        assert catalog.problems(texts) == []
        catalog.update(texts)
        assert catalog.problems(texts) == []

    def test_fuzzy_translation_is_reported(self, catalog: Catalog) -> None:
        texts = self.texts(Text("Go"))
        catalog.update(texts)
        self.write(catalog, 'msgid "Go"\nmsgstr ""', '#, fuzzy\nmsgid "Go"\nmsgstr "Los"')
        catalog.update(texts)
        assert catalog.problems(texts) == ["is marked as fuzzy: 'Go'"]

    def test_translation_without_a_placeholder_is_reported(self, catalog: Catalog) -> None:
        texts = self.texts(Text("Hi %(name)s"))
        catalog.update(texts)
        self.write(catalog, 'msgid "Hi %(name)s"\nmsgstr ""', 'msgid "Hi %(name)s"\nmsgstr "Hallo"')
        assert catalog.problems(texts) == [
            "has other placeholders than its translation: 'Hi %(name)s'"
        ]

    def test_plural_needs_every_form(self, catalog: Catalog) -> None:
        texts = self.texts(Text("One file", "%(n)s files"))
        catalog.update(texts)
        self.write(catalog, 'msgstr[0] ""', 'msgstr[0] "Eine Datei"')
        assert len(catalog.problems(texts)) == 1
        self.write(catalog, 'msgstr[1] ""', 'msgstr[1] "%(n)s Dateien"')
        assert catalog.problems(texts) == []

    # begin capability upstream
    def test_text_that_is_gone_is_reported(self, catalog: Catalog) -> None:
        catalog.update(self.texts(Text("Old")))
        assert catalog.problems(self.texts()) == ["is not a text any more: 'Old'"]

    # end capability upstream

    def test_text_that_is_gone_is_removed(self, catalog: Catalog) -> None:
        catalog.update(self.texts(Text("Old")))
        catalog.update(self.texts())
        assert catalog.problems(self.texts()) == []
        assert "Old" not in catalog.path.read_text("utf-8")
