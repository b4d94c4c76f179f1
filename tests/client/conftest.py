"""What the client's tests share: the client itself on the path, registries, and a web server.

Belongs here: fixtures. Does not belong here: the format of a release (`release_builder`).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

CLIENT = Path(__file__).resolve().parents[2] / "clients" / "python"
if str(CLIENT / "src") not in sys.path:
    sys.path.insert(0, str(CLIENT / "src"))

from tests.client.release_builder import Publisher  # noqa: E402


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch) -> None:
    """Each test has a cache and a working folder of its own, and no settings from outside."""
    for name in ("REGISTRY", "PUBLIC_KEY", "OFFLINE", "TRACEBACK"):
        monkeypatch.delenv(f"CARBON_FACTORS_{name}", raising=False)
    monkeypatch.setenv("CARBON_FACTORS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture(scope="session")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def unsigned(tmp_path) -> Publisher:
    """A registry of two unsigned releases."""
    publisher = Publisher(tmp_path / "releases")
    publisher.publish("2023.11.0")
    publisher.publish("2023.12.0")
    return publisher


@pytest.fixture
def signed(tmp_path, key) -> Publisher:
    """A registry of two signed releases."""
    publisher = Publisher(tmp_path / "signed", key)
    publisher.publish("2023.11.0")
    publisher.publish("2023.12.0")
    return publisher


@pytest.fixture
def public_key(signed, tmp_path) -> Path:
    return signed.write_public_key(tmp_path / "publisher.pem")


class WebServer:
    """A folder behind HTTP with ranges, and ways in which it can misbehave."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.cut_after: dict[str, int] = {}
        self.knows_ranges = True
        self.change: Callable[[str, bytes], bytes] = lambda path, content: content
        outer = self

        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                place = folder / self.path.lstrip("/")
                wanted = self.headers.get("Range")
                outer.asked.append((self.path, wanted))
                if not place.is_file():
                    self.send_error(404)
                    return
                content = outer.change(self.path, place.read_bytes())
                start = 0
                if wanted and outer.knows_ranges:
                    start = int(wanted.removeprefix("bytes=").rstrip("-"))
                    self.send_response(206)
                    end = len(content) - 1
                    self.send_header("Content-Range", f"bytes {start}-{end}/{len(content)}")
                else:
                    self.send_response(200)
                self.send_header("Content-Length", str(len(content) - start))
                self.end_headers()
                stop = outer.cut_after.pop(self.path, None)
                self.wfile.write(content[start:stop])
                if stop is not None:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # readers that hang up are part of the tests
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def count(self, ending: str) -> int:
        return sum(path.endswith(ending) for path, _ in self.asked)

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()


@pytest.fixture
def web(unsigned) -> Iterator[WebServer]:
    """The unsigned registry behind HTTP."""
    server = WebServer(unsigned.folder)
    yield server
    server.stop()
