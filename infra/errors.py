"""Expected errors of the command line. Each message says what is wrong and what to do."""

from __future__ import annotations

import errno

_REMEDIES = {
    errno.EACCES: "Give this user write access to it, or use a directory of the user's own",
    errno.EPERM: "Give this user write access to it, or use a directory of the user's own",
    errno.EROFS: "Use a checkout on a file system that can be written to",
    errno.ENOSPC: "Free some space on that disk, then run the command again",
    errno.EDQUOT: "Free some space within the user's quota, then run the command again",
    errno.EMFILE: "Raise the limit of open files (`ulimit -n 4096`), then run the command again",
    errno.ENOTDIR: "Part of that path is a file: move the file away",
    errno.EISDIR: "A directory is where a file belongs: move the directory away",
    errno.EEXIST: "Move it away, then run the command again",
    errno.ENOENT: "Check out the missing file again, or install the missing program",
}


class InfraError(Exception):
    """An error that the developer or deployer can correct. Only the message is shown."""


class PortBusy(InfraError):
    """Another program listens on a port that is needed."""


class ChildDied(InfraError):
    """A program ended that should still run, or failed. The message has its last lines."""


class ProvisionError(InfraError):
    """CloudFormation did not create or update a stack. The message has its reasons."""


class SignInProblem(InfraError):
    """Cognito issued no token. The message says why."""


def problem_of_system(error: OSError) -> str:
    """Describe what the operating system refused, and what to do, in one message."""
    what = error.strerror or str(error) or type(error).__name__
    # When there are two files, the second is the one that could not be made.
    file = error.filename2 or error.filename
    where = f" ({file})" if file else ""
    remedy = _REMEDIES.get(error.errno or 0, "Remove the cause, then run the command again")
    return f"{what}{where}. {remedy}."
