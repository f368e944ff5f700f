"""Change modules with mutmut, and report the changes that the tests of the module do not detect.

Usage: `make mutants ARGS="cognito/tokens/jws.py"`. Without a module, it takes those that
`only_mutate` in pyproject.toml lists. The tests are those whose file mirrors the module. Name other
files or folders of tests to use them instead.

By itself, mutmut first runs every selected test to learn which functions it reaches. For all tests
that takes longer than the changes of one module.
"""

from __future__ import annotations

import argparse
import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from mutmut.__main__ import cli
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.runners.harness import PytestRunner
from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).resolve().parents[2]
DETECTED = {"killed", "timeout"}
LEAST_PERCENT = 95
# pytest did not run the tests. mutmut takes it for a timeout.
NOT_RUN = 255


# An ID that pytest finds. With other characters in it, such as a backslash, pytest may not find it.
FOUND_BY_ID = re.compile(r"[\w/.]+::\w+(\[[\w ,.=@+-]*\])?", re.ASCII)
run_cases = PytestRunner.run_tests


def run_tests(runner: PytestRunner, *, mutant_name: str | None, tests: Iterable[str]) -> int:
    """Run test cases by their IDs, or else test functions with all their parameters."""
    named = [one if FOUND_BY_ID.fullmatch(one) else one.partition("[")[0] for one in tests]
    status: int = run_cases(runner, mutant_name=mutant_name, tests=list(dict.fromkeys(named)))
    return status


def main(arguments: Sequence[str]) -> int:
    """Return 1 if the tests of a module detect less than LEAST_PERCENT of its mutants."""
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("--processes", default="1", help="how many mutants run at once")
    parser.add_argument("paths", nargs="*", help="modules, and tests to run for all of them")
    options = parser.parse_args(arguments)
    tests = [path for path in options.paths if path.startswith("tests/")]
    modules = [path for path in options.paths if path not in tests] or config().only_mutate
    if len(modules) == 1:
        return _report_on(modules[0], tests or _mirrors_of(modules[0]), options.processes)
    # mutmut keeps its state in modules, so each report needs a new process.
    alone = [sys.executable, "-P", __file__, "--processes", options.processes, *tests]
    return max(subprocess.run([*alone, module], check=False).returncode for module in modules)


def _mirrors_of(module: str) -> list[str]:
    path = Path(module)
    names = (f"test_{path.stem}.py", f"test_{path.stem}_*.py")
    folder = Path("tests") / path.parent
    return sorted(f"{test}" for name in names for test in folder.glob(name))


def _report_on(module: str, tests: list[str], processes: str) -> int:
    # mutmut would take results of another selection of modules and tests for those of this one.
    shutil.rmtree(ROOT / "mutants", ignore_errors=True)
    config().only_mutate = [module]
    config().pytest_add_cli_args_test_selection = tests
    # mutmut logs to streams that pytest has closed.
    logging.raiseExceptions = False
    PytestRunner.run_tests = run_tests
    cli(["run", "--max-children", processes], standalone_mode=False)
    data = SourceFileMutationData(path=module)
    data.load()
    status = {
        key: "not run" if code == NOT_RUN else status_by_exit_code[code]
        for key, code in data.exit_code_by_key.items()
    }
    undetected = [key for key in status if status[key] not in DETECTED]
    for key in undetected:
        print(f"{key}: {status[key]}", get_diff_for_mutant(key, path=module), sep="\n")
    detected = len(status) - len(undetected)
    timeouts = list(status.values()).count("timeout")
    print(
        f"{module}: the tests detect {detected} of {len(status)} mutants, {timeouts} by a timeout",
        flush=True,
    )
    return int(detected * 100 < len(status) * LEAST_PERCENT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
