"""A catalog: `django.po`, which translators edit, and `django.mo`, which the application reads.

Both are in the repository, so that a clone runs without a program that compiles them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django
import polib

from infra.environments import ROOT
from infra.messages.extraction import SOURCES, Text, Texts

LOCALE = ROOT / "locale"
# The application for the old site is copied there, with its translations.
DIRECTORIES: dict[Path, tuple[str, ...]] = {
    LOCALE: SOURCES,
    ROOT / "migration/locale": ("migration",),  # only with user-migration
}

# Of the operator %, and of str.format().
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[#0\- +]*[\d.]*[sdfrx%]|\{\w*\}")


@dataclass(frozen=True)
class Catalog:
    """The catalog of a language, by its code, such as `de` or `pt_BR`."""

    language: str
    directory: Path = LOCALE

    @property
    def sources(self) -> tuple[str, ...]:
        """The folders whose texts it translates."""
        return DIRECTORIES.get(self.directory, SOURCES)

    @property
    def path(self) -> Path:
        return self.directory / self.language / "LC_MESSAGES" / "django.po"

    @property
    def compiled_path(self) -> Path:
        return self.path.with_suffix(".mo")

    def create(self) -> None:
        """Create an empty catalog with the plural forms that Django has for the language."""
        if self.path.exists():
            return
        djangos = Path(django.__file__).parent / "conf/locale" / self.language / "LC_MESSAGES"
        plural_forms = polib.pofile(str(djangos / "django.po")).metadata["Plural-Forms"]
        po = polib.POFile(wrapwidth=100)
        po.metadata = {
            "Language": self.language,
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": plural_forms,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        po.save(str(self.path))

    def update(self, texts: Texts) -> None:
        """Write the texts in their order, with the translations that exist, and no others."""
        former = self._read()
        translations = {_text(entry): entry for entry in former}
        po = polib.POFile(wrapwidth=100)
        po.header, po.metadata = former.header, former.metadata
        for text, files in texts.files.items():
            known = translations.get(text)
            flags = [flag for flag in (known.flags if known else []) if flag == "fuzzy"]
            if found := _PLACEHOLDER.search(text.singular):
                flags.append("python-format" if found[0][0] == "%" else "python-brace-format")
            plurals = dict.fromkeys(range(_plural_count(former)), "")
            po.append(
                polib.POEntry(
                    msgctxt=text.context or None,
                    msgid=text.singular,
                    msgid_plural=text.plural,
                    msgstr=known.msgstr if known else "",
                    msgstr_plural=(known.msgstr_plural if known else plurals)
                    if text.plural
                    else {},
                    tcomment=known.tcomment if known else "",
                    flags=flags,
                    # Without line numbers, which would change with every edit.
                    occurrences=[(file, "") for file in files],
                )
            )
        po.save(str(self.path))

    def compile(self) -> None:
        self.compiled_path.write_bytes(self.compiled())

    def compiled(self) -> bytes:
        """Return the content of `django.mo`. The same translations give the same bytes."""
        content: bytes = self._read().to_binary()
        return content

    def problems(self, texts: Texts) -> list[str]:
        """Return what is not translated, and what is translated in a way that cannot be shown."""
        return list(self._problems(texts))

    def _problems(self, texts: Texts) -> Iterator[str]:
        entries = {_text(entry): entry for entry in self._read()}
        for text in texts.files.keys() - entries.keys():
            yield f"is not in the catalog: {text.singular!r}"
        for text, entry in entries.items():
            translations = list(entry.msgstr_plural.values()) if text.plural else [entry.msgstr]
            if text not in texts.files:
                # A product keeps the translations of what it leaves out, until `make messages`.
                yield f"is not a text any more: {text.singular!r}"  # only with upstream
                continue
            if not all(translations):
                yield f"is not translated: {text.singular!r}"
            elif entry.fuzzy:
                yield f"is marked as fuzzy: {text.singular!r}"
            elif not all(_fits(text, translation) for translation in translations):
                yield f"has other placeholders than its translation: {text.singular!r}"

    def _read(self) -> polib.POFile:
        return polib.pofile(str(self.path), wrapwidth=100)


def catalogs() -> list[Catalog]:
    """Return the catalogs of all languages that have one, of the site and of the old site."""
    return [
        Catalog(path.parents[1].name, directory)
        for directory in DIRECTORIES
        for path in sorted(directory.glob("*/LC_MESSAGES/django.po"))
    ]


def _text(entry: polib.POEntry) -> Text:
    return Text(entry.msgid, entry.msgid_plural, entry.msgctxt or "")


def _plural_count(po: polib.POFile) -> int:
    match = re.match(r"nplurals=(\d+)", po.metadata["Plural-Forms"])
    return int(match[1]) if match else 2


def _fits(text: Text, translation: str) -> bool:
    """Compare placeholders with those of the plural. A singular may leave out the number."""
    own, wanted = set(_PLACEHOLDER.findall(translation)), set(_PLACEHOLDER.findall(text.singular))
    if not text.plural:
        return own == wanted
    return own <= set(_PLACEHOLDER.findall(text.plural)) | wanted
