"""Peak of memory, and how it is read.

Belongs here: the gauge; standard library alone, for the peers' environment reads it too. Does not
belong here: what is measured.
"""

import resource
import sys
from pathlib import Path

MB = 2**20
_STATUS = Path("/proc/self/status")


def peak_memory() -> int:
    """Return the most memory that this process has held, in bytes.

    Not `ru_maxrss` where the kernel has better: that of a new process begins with what the process
    held that started it.
    """
    if _STATUS.exists():
        lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    kept = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kept if sys.platform == "darwin" else kept * 1024
