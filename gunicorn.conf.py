"""How gunicorn runs the application, in the container image and on a server of your own.

gunicorn reads this file from the directory where it starts. Options of its command line and of
GUNICORN_CMD_ARGS have precedence. https://gunicorn.org/reference/settings/
"""

import math
import os
from pathlib import Path


def cores(quota: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Return how many cores this process may use: those of the machine, or fewer in a container.

    https://docs.kernel.org/admin-guide/cgroup-v2.html (cpu.max)
    """
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        limit, period = quota.read_text().split()
    except (OSError, ValueError):
        return count or 1
    return min(count or 1, math.ceil(int(limit) / int(period)) if limit != "max" else count or 1)


if "WEB_CONCURRENCY" not in os.environ:
    # With two, one answers while the other is replaced.
    workers = max(2, cores())
# While a request waits for Cognito or the database, others continue. Each thread may keep one
# connection to the database.
threads = 4
# Workers share the memory of what is loaded before they begin.
preload_app = True

# Longer than the 60 seconds after which an Application Load Balancer closes an idle connection.
# Otherwise it could send a request on a connection that is closing here, and answer 502.
keepalive = 65
# A request takes 8 seconds at most. Docker kills a container 10 seconds after it asked it to stop.
graceful_timeout = 9

# A worker reports to the main process through a file, which must not wait for a disk. Lambda has no
# /dev/shm.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 # gunicorn makes a private file
# It would be a file in the home directory, by which gunicorn can be given commands.
control_socket_disable = True

# An access token of a user in many groups, with the name of the header: docs/proxies.md.
limit_request_field_size = 16500

# TRUSTED_PROXY alone decides which headers of a proxy count.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""

accesslog = "-"
logger_class = "project.logs.request_lines.RequestLines"
