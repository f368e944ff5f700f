"""A start on Lambda loads only what it needs, and everything works after it."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import textwrap
from typing import Any

import pytest
import requests
from cryptography import x509

from infra.environments import ROOT
from project.aws_lambda.cold_start import quick_start

WARNINGS = ("-W", "error", "-W", "ignore:No directory at:UserWarning")


def in_a_fresh_process(code: str) -> Any:
    finished = subprocess.run(
        # A bundle has the directory of static files, and a checkout may lack it.
        [sys.executable, *WARNINGS, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "project.settings", "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


@pytest.mark.slow
def test_unused_packages_are_not_loaded_but_can_be_imported_later() -> None:
    found = in_a_fresh_process(
        """
        import gc, json, sys
        import project.lambda_entry
        from project.aws_lambda.cold_start import POSTPONED

        wanted = {"boto3", "botocore", "drf_spectacular", "requests", *POSTPONED}
        wanted |= {"accounts.console.urls", "api.operators.urls"}  # only with console
        wanted.add("cognito.directory.users")
        loaded = sorted(wanted & sys.modules.keys())
        collects, exempt = gc.isenabled(), gc.get_freeze_count()
        import requests
        from cryptography import x509
        print(json.dumps([loaded, collects, exempt, requests.get.__module__, dir(x509)]))
        """
    )
    loaded, collects, exempt, module, names = found
    assert loaded == []
    assert collects
    assert exempt > 100_000
    assert module == "requests.api"
    assert {"load_pem_x509_certificate", "CertificateBuilder"} <= set(names)


@pytest.mark.slow
def test_functions_that_were_postponed_work() -> None:
    """The modules that imported the stand-ins keep them."""
    found = in_a_fresh_process(
        """
        import json
        import project.lambda_entry
        from django.db import connection
        from django.db.backends.base.operations import BaseDatabaseOperations
        from rest_framework.compat import uritemplate

        operations = BaseDatabaseOperations(connection)
        statements = operations.prepare_sql_script("SELECT 1; SELECT 2;")
        print(json.dumps([statements, sorted(uritemplate.variables("/{a}/{b}"))]))
        """
    )
    assert found == [["SELECT 1;", "SELECT 2;"], ["a", "b"]]


@pytest.fixture
def own_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not freeze the memory of the process that runs the tests."""
    monkeypatch.setattr(gc, "freeze", lambda: None)


def test_garbage_is_collected_again_even_after_a_start_that_failed(
    own_memory: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        assert not gc.isenabled()
        assert sys.modules["requests"] is None
        raise ZeroDivisionError

    monkeypatch.delitem(sys.modules, "requests", raising=False)
    with pytest.raises(ZeroDivisionError), quick_start():
        fail()
    assert gc.isenabled()
    assert "requests" not in sys.modules


def test_modules_that_are_loaded_already_stay(own_memory: None) -> None:
    with quick_start():
        assert sys.modules["requests"] is requests
        assert sys.modules["cryptography.x509"] is x509
    assert sys.modules["requests"] is requests
    assert sys.modules["cryptography.x509"] is x509
