from __future__ import annotations

import importlib.machinery
import importlib.util
import struct
from pathlib import Path

import _cffi_backend  # type: ignore[import-untyped]

from infra.deploy.native import without_symbols

HEADER = 64
SYMTAB, STRTAB, DYNSYM = 2, 3, 11
ALLOC = 2


def library(*sections: tuple[int, int, int, bytes], names: int) -> bytes:
    """An ELF file of nothing but sections: type, flags, link, content."""
    content = b"".join(section[3] for section in sections)
    table = HEADER + len(content)
    header = bytearray(b"\x7fELF\x02\x01".ljust(HEADER, b"\0"))
    struct.pack_into("<Q", header, 0x28, table)
    struct.pack_into("<HHH", header, 0x3A, 64, len(sections), names)
    entries, offset = b"", HEADER
    for kind, flags, link, data in sections:
        entries += struct.pack("<IIQQQQIIQQ", 0, kind, flags, 0, offset, len(data), link, 0, 1, 0)
        offset += len(data)
    return bytes(header) + content + entries


def test_symbols_and_their_names_are_zeros_and_all_else_is_as_before() -> None:
    before = library(
        (0, 0, 0, b""),
        (DYNSYM, ALLOC, 2, b"dynamic symbols"),
        (STRTAB, ALLOC, 0, b"their names"),
        (SYMTAB, 0, 4, b"[symbols]"),
        (STRTAB, 0, 0, b"names of symbols"),
        (STRTAB, 0, 0, b"names of sections"),
        names=5,
    )
    after = before.replace(b"names of symbols", bytes(16)).replace(b"[symbols]", bytes(9))
    assert without_symbols(before) == after


def test_names_of_sections_stay_where_they_are_among_those_of_symbols() -> None:
    before = library(
        (0, 0, 0, b""), (SYMTAB, 0, 2, b"symbols"), (STRTAB, 0, 0, b"all names"), names=2
    )
    assert without_symbols(before) == before.replace(b"symbols", bytes(7))


def test_what_is_loaded_with_the_program_is_not_touched() -> None:
    before = library(
        (0, 0, 0, b""), (SYMTAB, ALLOC, 2, b"symbols"), (STRTAB, ALLOC, 0, b"names"), names=0
    )
    assert without_symbols(before) == before


def test_other_files_are_left_alone() -> None:
    for content in (b"", b"#!/bin/sh", b"\x7fELF\x01\x01 of 32 bits", b"\xcf\xfa\xed\xfe of a Mac"):
        assert without_symbols(content) == content


def test_a_real_library_still_works(tmp_path: Path) -> None:
    path = tmp_path / Path(_cffi_backend.__file__).name
    path.write_bytes(without_symbols(Path(_cffi_backend.__file__).read_bytes()))
    loader = importlib.machinery.ExtensionFileLoader("_cffi_backend", str(path))
    spec = importlib.util.spec_from_file_location("_cffi_backend", path, loader=loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    assert module.__version__ == _cffi_backend.__version__
