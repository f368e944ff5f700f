"""Extract and compile: `python -m infra.messages`, with the code of a language to add one."""

from __future__ import annotations

import sys

from infra.environments import ROOT
from infra.messages.catalog import DIRECTORIES, Catalog, catalogs
from infra.messages.extraction import extract


def main() -> None:
    for language in sys.argv[1:]:
        for directory in DIRECTORIES:
            Catalog(language, directory).create()
    for catalog in catalogs():
        texts = extract(sources=catalog.sources)
        catalog.update(texts)
        catalog.compile()
        problems = catalog.problems(texts)
        path = catalog.path.relative_to(ROOT)
        print(f"{path}: {len(texts)} texts, {len(problems)} to translate or correct")
        for problem in problems:
            print(f"  {problem}")


if __name__ == "__main__":
    main()
