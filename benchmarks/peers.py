"""The environment of the libraries that we are measured against.

Belongs here: installing `peers.lock` into `.venv-peers`, once. Does not belong here: what runs in
it. The peers pin other versions than we do, so they have an environment of their own, locked by
hashes like ours.

To resolve the lock anew: `printf 'datacompy\\npyarrow\\nbw2calc\\nbw_processing\\npypardiso\\n' |
uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url
--output-file benchmarks/peers.lock`. bw2calc's fastest class needs pypardiso, which brings MKL.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).with_name("peers.lock")
FOLDER = Path(__file__).parents[1] / ".venv-peers"


class PeersMissing(RuntimeError):
    """The environment cannot be installed here; the message says what is left out."""


def peers_python() -> Path:
    """Return the interpreter of the peers' environment; install it first where it is not as locked.

    Raises `PeersMissing` with a sentence when it cannot be installed.
    """
    python, stamp = FOLDER / "bin" / "python", FOLDER / "installed"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    steps = (
        [sys.executable, "-m", "venv", "--clear", FOLDER],
        [python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet",
         "--require-hashes", "--requirement", LOCK],
    )  # fmt: skip
    for step in steps:
        done = subprocess.run([str(part) for part in step], capture_output=True, text=True)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise PeersMissing(
                f"The peers were not measured: {LOCK.name} cannot be installed here ({reason})."
            )
    stamp.write_text(wanted)
    return python
