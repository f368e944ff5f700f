"""Zappa's command line, with five changes.

Run as a program: `python -m infra.deploy.zappa.zappa_cli update dev …`.

- It does not ask the package index for a newer version. The version is pinned, and a deployment
  depends on AWS only.
- The function has the architecture of the settings. Zappa itself uses it to choose packages only,
  and leaves the function at x86_64.
- `update` publishes no version. It would have new code and former variables, and with SnapStart
  Lambda would start it for a snapshot that nothing uses.
- `update` makes the API where it is missing: after an interrupted `deploy`, and for a stage that
  had another API. Zappa itself would require that the function is deleted first.
- `package` does not compress, because infra/deploy/bundle/bundle.py compresses the files again.
"""

from __future__ import annotations

import zipfile
from types import SimpleNamespace
from typing import Any

from zappa import core
from zappa.cli import ZappaCLI, handle
from zappa.core import Zappa

_update_stack = Zappa.update_stack
_boto_client = Zappa.boto_client


def skip_update_check(cli: ZappaCLI) -> None:
    """Replace `check_for_update`."""
    del cli


def update_or_create_stack(self: Zappa, *arguments: Any, **options: Any) -> None:
    """Replace `update_stack`."""
    _update_stack(self, *arguments, **options | {"update_only": False})


def boto_client(self: Zappa, service: str, *arguments: Any, **options: Any) -> Any:
    """Replace `boto_client`."""
    client = _boto_client(self, service, *arguments, **options)
    if service == "lambda":

        def set_parameters(params: dict[str, Any], **_: object) -> None:
            params["Architectures"] = [self.architecture]
            if "Code" not in params:
                params["Publish"] = False

        for operation in ("CreateFunction", "UpdateFunctionCode"):
            name = f"provide-client-params.lambda.{operation}"
            # A client that is used again has a handler with the architecture of another stage.
            client.meta.events.unregister(name, unique_id=operation)
            client.meta.events.register(name, set_parameters, unique_id=operation)
    return client


def main() -> None:
    core.zipfile = SimpleNamespace(**vars(zipfile) | {"ZIP_DEFLATED": zipfile.ZIP_STORED})
    ZappaCLI.check_for_update = skip_update_check
    Zappa.update_stack = update_or_create_stack
    Zappa.boto_client = boto_client
    handle()


if __name__ == "__main__":
    main()
