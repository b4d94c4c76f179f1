"""Dagster's web page on the same graph.

Belongs here: starting `dagster dev` with this home. Does not belong here: definitions.
"""

import os
import subprocess
import sys
from pathlib import Path

from orchestration.settings import PROJECT_ROOT, Settings


def command(port: int) -> list[str]:
    """Return the command that serves the graph on the loopback address."""
    return [
        sys.executable, "-m", "dagster", "dev",
        "--module-name", "orchestration.definitions",
        "--host", "127.0.0.1", "--port", str(port),
    ]  # fmt: skip


def serve(settings: Settings, port: int) -> int:
    """Serve until stopped; return the exit code (0 after Ctrl-C)."""
    from orchestration.resources import prepare_dagster_home

    env = {
        **os.environ,
        "CARBON_HOME": str(settings.home),
        "CARBON_DATA": str(settings.data),
        "DAGSTER_HOME": str(prepare_dagster_home(settings)),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    try:
        return subprocess.run(command(port), env=env, cwd=PROJECT_ROOT, check=False).returncode
    except KeyboardInterrupt:
        return 0
