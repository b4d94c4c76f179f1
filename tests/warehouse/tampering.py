"""What an attacker with write access does to a releases folder.

Belongs here: making a folder writable and rewriting a manifest with all that can be made to fit it
without a key. Does not belong here: what must be found afterwards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from warehouse import canonical_json, files


def writable(folder: Path) -> None:
    """Let a test change what was published."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def rewrite(
    releases: Path, change: Callable[[dict[str, Any]], None], release_id: str = "2019.03.0"
) -> None:
    """Edit a manifest, and everything that anyone could make fit it without the key."""
    folder = releases / release_id
    before = files.sha256_of(folder / "manifest.json")
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    change(content)
    (folder / "manifest.json").write_bytes(canonical_json.dumps(content))
    now = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    for path in (folder / "SHA256SUMS", releases / "index.json", releases / "latest.json"):
        path.write_text(path.read_text(encoding="utf-8").replace(before, now), encoding="utf-8")
