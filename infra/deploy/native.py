"""Compiled libraries, without what only debuggers read. The wheels bring it along."""

from __future__ import annotations

import struct
from typing import NamedTuple

# ELF of 64 bits, little-endian: what Lambda's x86_64 and arm64 run.
# https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html and ch4.sheader.html
_ELF64 = b"\x7fELF\x02\x01"
_SHT_SYMTAB = 2
_SHF_ALLOC = 2


class _Section(NamedTuple):
    name: int
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int


def without_symbols(library: bytes) -> bytes:
    """`library` with zeros for its symbol table, half a megabyte of the bundle in one of them.

    Nothing moves, and what the loader reads (`.dynsym`) is another table. As `strip` would do it,
    which not every machine has, and of which each version makes other bytes.
    """
    if not library.startswith(_ELF64):
        return library
    (table,) = struct.unpack_from("<Q", library, 0x28)
    entry_size, count, names = struct.unpack_from("<HHH", library, 0x3A)
    sections = [
        _Section(*struct.unpack_from("<IIQQQQIIQQ", library, table + number * entry_size))
        for number in range(count)
    ]
    cleared = bytearray(library)
    for symbols in sections:
        if symbols.type != _SHT_SYMTAB:
            continue
        # The second has the names. Linkers may keep those of the sections there, too.
        for number in {sections.index(symbols), symbols.link} - {names}:
            section = sections[number]
            if not section.flags & _SHF_ALLOC:
                end = section.offset + section.size
                cleared[section.offset : end] = bytes(section.size)
    return bytes(cleared)
