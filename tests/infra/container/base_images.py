"""Stand-ins for the base images of the Dockerfile, made of the same Debian packages.

Tests reach no registry of images. Debian's mirror has the packages of which the second base image
consists (https://github.com/GoogleContainerTools/distroless, `python3/config.bzl`), and like there
they are unpacked and not installed. The first one has Debian's Python instead of one from
python.org, in the place where that image has it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SUITE = "trixie"
MIRROR = "http://deb.debian.org"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
NONROOT = 65532

_BASE = (
    *(
        "base-files",
        "libc6",
        "libc-bin",
        "libssl3t64",
        "libzstd1",
        "media-types",
        "netbase",
        "tzdata",
    ),
    *("gcc-14-base", "libgcc-s1", "libgomp1", "libstdc++6", "zlib1g"),
)
_PYTHON = (
    *("libbz2-1.0", "libcom-err2", "libcrypt1", "libdb5.3t64", "libexpat1", "libffi8"),
    *(
        "libgssapi-krb5-2",
        "libk5crypto3",
        "libkeyutils1",
        "libkrb5-3",
        "libkrb5support0",
        "liblzma5",
    ),
    *(
        "libncursesw6",
        "libnsl2",
        "libpython3.13-minimal",
        "libpython3.13-stdlib",
        "libreadline8t64",
    ),
    *("libsqlite3-0", "libtinfo6", "libtirpc3t64", "libuuid1", "python3.13-minimal"),
    "python3.13-venv",
)
# A shell with its commands, and pip.
_BUILD = (
    *("coreutils", "dash", "libacl1", "libattr1", "libgmp10", "libpcre2-8-0", "libselinux1"),
    *("libsystemd0", "libcap2", "python3-pip"),
)
RUNTIME_PACKAGES = (*_BASE, *_PYTHON)
BUILD_PACKAGES = (*RUNTIME_PACKAGES, *_BUILD)


def make(directory: Path) -> tuple[Path, Path]:
    """Return the root directories of the image for the build, and of the image that runs."""
    archives = _download(directory / "packages", BUILD_PACKAGES)
    build, runtime = directory / "build", directory / "runtime"
    _unpack([archives[name] for name in BUILD_PACKAGES], build)
    _unpack([archives[name] for name in RUNTIME_PACKAGES], runtime)
    for name in ("python", "python3", "python3.13"):
        (build / "usr/local/bin" / name).symlink_to("/usr/bin/python3.13")
    # Only Debian's own packages may change the packages of its Python.
    (build / "usr/lib/python3.13/EXTERNALLY-MANAGED").unlink(missing_ok=True)
    for name in ("python", "python3"):
        (runtime / "usr/bin" / name).symlink_to("python3.13")
    for root in (build, runtime):
        (root / "etc/passwd").write_text(
            f"root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:{NONROOT}:{NONROOT}::/home/nonroot:/sbin/nologin\n"
        )
        (root / "etc/group").write_text(f"root:x:0:\nnonroot:x:{NONROOT}:\n")
        (root / "tmp").mkdir(exist_ok=True)
        (root / "tmp").chmod(0o1777)
        (root / "home/nonroot").mkdir(parents=True)
        (root / "etc/ssl/certs").mkdir(parents=True, exist_ok=True)
        # Debian makes this file of its package ca-certificates when that is installed.
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", root / "etc/ssl/certs")
    return build, runtime


def _download(directory: Path, packages: Sequence[str]) -> dict[str, Path]:
    """Download packages of SUITE, apart from the lists and settings of this machine's own apt."""
    directory.mkdir(parents=True)
    (directory / "sources.list").write_text(
        "".join(
            f"deb [signed-by={KEYRING}] {MIRROR}/{archive} {suite} main\n"
            for archive, suite in (
                ("debian", SUITE),
                ("debian", f"{SUITE}-updates"),
                ("debian-security", f"{SUITE}-security"),
            )
        )
    )
    (directory / "state").mkdir()
    (directory / "status").touch()
    apt = [
        "apt-get",
        *("-qq", "-o", f"Dir::Etc::SourceList={directory}/sources.list"),
        *("-o", "Dir::Etc::SourceParts=/dev/null", "-o", f"Dir::State={directory}/state"),
        *("-o", f"Dir::State::Status={directory}/status", "-o", f"Dir::Cache={directory}/cache"),
        *("-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none"),
    ]
    subprocess.run([*apt, "update"], check=True, timeout=120)
    subprocess.run([*apt, "download", *packages], cwd=directory, check=True, timeout=120)
    return {path.name.partition("_")[0]: path for path in directory.glob("*.deb")}


def _unpack(archives: Sequence[Path], root: Path) -> None:
    root.mkdir(parents=True)
    # base-files has the links from /bin to /usr/bin, so it comes first.
    subprocess.run(["dpkg-deb", "-x", archives[0], root], check=True)
    (root / "usr/local/bin").mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(
            threads.map(
                lambda archive: subprocess.run(["dpkg-deb", "-x", archive, root], check=True),
                archives[1:],
            )
        )
    for needless in ("usr/share/man", "usr/share/locale"):
        shutil.rmtree(root / needless, ignore_errors=True)
