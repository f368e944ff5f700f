"""Build the image with buildah, and run its processes with crun, as Docker and Podman do.

Neither needs a daemon. Both need to be root. The root file system of a container is read-only, and
its process has no capabilities.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.environments import ROOT
from tests.infra.container import base_images

NAMES = ("docker.io/library/python:3.13-slim-trixie", "gcr.io/distroless/python3-debian13:nonroot")
# Without a daemon, containers have the network of the machine in common, as those of compose.yaml
# have that of one of them.
_NAMESPACES = ("pid", "mount", "ipc", "uts")


def missing_tools() -> list[str]:
    return [tool for tool in ("apt-get", "buildah", "crun", "unshare") if not shutil.which(tool)]


@dataclass(frozen=True)
class Image:
    """An image: its root directory, the size of all files in bytes, and its configuration."""

    root: Path
    size: int
    configuration: Mapping[str, Any]

    def process(self, command: Sequence[str] = ()) -> list[str]:
        return [*self.configuration["Entrypoint"], *(command or self.configuration["Cmd"])]

    @property
    def environment(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.configuration["Env"])


def build(directory: Path) -> Image:
    """Build the Dockerfile of the checkout with stand-ins for its base images."""
    temporary = directory / "tmp"
    temporary.mkdir()
    options: list[str | Path] = ["--storage-driver=vfs", "--root", directory / "storage"]
    options += ["--runroot", directory / "run"]

    def buildah(*arguments: str | Path) -> str:
        done = subprocess.run(
            ["buildah", *options, *arguments],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": str(temporary)},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-1000:]
        return done.stdout.strip()

    for name, root in zip(NAMES, base_images.make(directory / "bases"), strict=True):
        container = buildah("from", "scratch")
        shutil.copytree(root, buildah("mount", container), symlinks=True, dirs_exist_ok=True)
        path = "PATH=/usr/local/bin:/usr/bin:/bin"
        certificates = "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"
        buildah("config", "--env", path, "--env", certificates, container)
        buildah("commit", "--quiet", "--rm", container, name)
    pip = directory / "pip.conf"
    pip.write_text(_pip_configuration())
    # An OCI image has no health check, and Docker's format has one.
    arguments = ("--isolation=chroot", "--format=docker", "--pull-never", "--tag=application")
    buildah("build", *arguments, f"--secret=id=pip,src={pip}", ".")
    [described] = json.loads(buildah("images", "--json", "application"))
    inspected = json.loads(buildah("inspect", "--type=image", "application"))
    container = buildah("from", "--pull-never", "application")
    root = Path(buildah("mount", container))
    assert described["id"]
    size = sum(path.lstat().st_size for path in root.rglob("*") if not path.is_dir())
    return Image(root, size, inspected["Docker"]["config"])


def _pip_configuration() -> str:
    """Return the settings of this machine's pip that hold inside the build too: index and proxy."""
    listed = subprocess.run(
        ["python3", "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    lines = [line.partition("=") for line in listed.splitlines()]
    kept = {
        name.rpartition(".")[2]: value.strip("'")
        for name, _, value in lines
        if name.rpartition(".")[2] in {"index-url", "proxy", "timeout", "trusted-host"}
    }
    # The stand-ins have the certificates of this machine.
    kept["cert"] = "/etc/ssl/certs/ca-certificates.crt"
    return "[global]\n" + "".join(f"{name} = {value}\n" for name, value in kept.items())


@dataclass(frozen=True)
class Container:
    """A running process of an image, with its output in `log`."""

    name: str
    crun: Sequence[str]
    process: subprocess.Popen[bytes]
    log: Path

    def run(self, command: Sequence[str]) -> int:
        """Run another process in it, as a health check does, and return its exit status."""
        return subprocess.run(
            [*self.crun, "exec", self.name, *command], check=False, timeout=30
        ).returncode

    def stop(self) -> int:
        """Ask it to stop, as Docker does, and return the exit status."""
        subprocess.run([*self.crun, "kill", self.name, "TERM"], check=True, timeout=10)
        return self.process.wait(timeout=20)


@contextmanager
def running(
    image: Image,
    directory: Path,
    name: str,
    *,
    command: Sequence[str] = (),
    environment: Mapping[str, str],
    mounts: Mapping[Path, str] = {},
) -> Iterator[Container]:
    """Run a process of the image during the block. `mounts` maps directories to their places."""
    bundle = directory / name
    bundle.mkdir()
    uid, _, gid = image.configuration["User"].partition(":")
    (bundle / "config.json").write_text(
        json.dumps(
            {
                "ociVersion": "1.0.2",
                "root": {"path": str(image.root), "readonly": True},
                "process": {
                    "terminal": False,
                    "user": {"uid": int(uid), "gid": int(gid)},
                    "args": image.process(command),
                    "env": [
                        f"{key}={value}"
                        for key, value in {**image.environment, **environment}.items()
                    ],
                    "cwd": image.configuration["WorkingDir"],
                    "noNewPrivileges": True,
                    "capabilities": {},
                },
                "mounts": [
                    {"destination": "/proc", "type": "proc", "source": "proc"},
                    *(_temporary(place) for place in ("/dev", "/dev/shm", "/tmp")),
                    *(_bound(path, place) for path, place in mounts.items()),
                    # Docker gives these to a container, with the addresses of its network.
                    *(_bound(Path(name), name) for name in ("/etc/hosts", "/etc/resolv.conf")),
                ],
                "linux": {"namespaces": [{"type": kind} for kind in _NAMESPACES]},
            }
        )
    )
    crun = ["crun", "--root", str(directory / "crun"), "--cgroup-manager=disabled"]
    log = bundle / "log"
    # crun refuses a machine that has both versions of control groups, which it does not need here.
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *("unshare", "--mount", "sh", "-c"),
                'umount -l /sys/fs/cgroup/unified 2>/dev/null; exec "$@"',
                *("sh", *crun, "run", "--bundle", str(bundle), name),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Container(name, crun, process, log)
    finally:
        if process.poll() is None:
            subprocess.run([*crun, "kill", name, "KILL"], check=False, timeout=10)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait(timeout=10)


def _temporary(place: str) -> dict[str, Any]:
    # crun makes the usual devices in /dev.
    options = ["nosuid", "mode=755"] if place == "/dev" else ["nosuid", "nodev", "mode=1777"]
    return {"destination": place, "type": "tmpfs", "source": "tmpfs", "options": options}


def _bound(path: Path, place: str) -> dict[str, Any]:
    return {"destination": place, "type": "bind", "source": str(path), "options": ["rbind"]}
