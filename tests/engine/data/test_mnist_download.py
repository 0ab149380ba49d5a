"""MNIST from a mirror. A server on this machine acts as the mirror, so that no test needs a network."""

import errno
import gzip
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pooch
import pytest
import torch

from engine.data import DataUnavailable
from engine.data.mnist import FOLDER, load_mnist
from tests.engine.data.small import CONTENT, FILES, FIRST, SMALL, pixels

torch.set_num_threads(1)


@dataclass
class Host:
    """A local server. served: path -> body. asked: paths in order. withheld: the bytes promised but not sent."""

    address: str
    served: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    withheld: int = 0

    @property
    def mirrors(self) -> tuple[str, str]:
        return f"{self.address}/a/", f"{self.address}/b/"

    def serve(self, mirror: str, files: Mapping[str, bytes] = FILES) -> None:
        self.served |= {f"/{mirror}/{name}.gz": gzip.compress(file) for name, file in files.items()}


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    host = Host(address="")  # known when the server has a port

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.asked.append(self.path)
            body = host.served.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"") + host.withheld))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / project)
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        host.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield host
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "gradient-lab"


def test_a_download_is_kept(host: Host, cache: Path) -> None:
    host.serve("a")
    images = load_mnist(SMALL, host.mirrors)
    assert pixels(images) == CONTENT and images.source == "MNIST, downloaded"
    assert host.asked == [f"/a/{name}.gz" for name in FILES]
    assert {path.name for path in cache.iterdir()} == {f"{name}.gz" for name in FILES}
    host.served.clear()
    assert pixels(load_mnist(SMALL, host.mirrors)) == CONTENT
    assert len(host.asked) == len(FILES)


def test_an_empty_name_of_the_folder_is_none(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER, "")
    host.serve("a")
    assert load_mnist(SMALL, host.mirrors).source == "MNIST, downloaded"


@pytest.mark.parametrize("first", [{}, {FIRST: b"<html>"}, {FIRST: FILES[FIRST][:-1] + b"?"}])
def test_mirrors_are_tried_in_order(host: Host, cache: Path, first: dict[str, bytes]) -> None:
    host.serve("a", {**FILES, **first} if first else {})
    host.serve("b")
    assert pixels(load_mnist(SMALL, host.mirrors)) == CONTENT
    assert host.asked[:2] == [f"/a/{FIRST}.gz", f"/b/{FIRST}.gz"]
    assert gzip.decompress((cache / f"{FIRST}.gz").read_bytes()) == FILES[FIRST]


def test_what_a_server_decompresses_on_the_way_is_read(host: Host) -> None:
    host.served = {f"/a/{name}.gz": file for name, file in FILES.items()}
    assert pixels(load_mnist(SMALL, host.mirrors)) == CONTENT


def test_a_kept_file_that_spoiled_is_replaced(host: Host, cache: Path) -> None:
    cache.mkdir()
    (cache / f"{FIRST}.gz").write_bytes(b"spoiled")
    host.serve("b")
    assert pixels(load_mnist(SMALL, host.mirrors)) == CONTENT


def refused(host: Host, _: pytest.MonkeyPatch) -> str:
    host.address = "http://127.0.0.1:1"
    return "127.0.0.1: ConnectionError; 127.0.0.1: ConnectionError"


def absent(*_: object) -> str:
    return "127.0.0.1: status 404; 127.0.0.1: status 404"


def changed(host: Host, _: pytest.MonkeyPatch) -> str:
    for mirror in "ab":
        host.serve(mirror, {FIRST: FILES[FIRST][:-1] + b"?"})
    told = f"{FIRST}.gz has another checksum than the published file: its content was changed"
    return f"{told}; {told}"


def cut_off(host: Host, _: pytest.MonkeyPatch) -> str:
    host.serve("a")
    host.serve("b")
    host.withheld = 9
    return "127.0.0.1: ChunkedEncodingError; 127.0.0.1: ChunkedEncodingError"


def disk_full(_: Host, monkeypatch: pytest.MonkeyPatch) -> str:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", full)
    return "; ".join([f"127.0.0.1: {os.strerror(errno.ENOSPC)}"] * 2)


@pytest.mark.parametrize("trouble", [refused, absent, changed, cut_off, disk_full])
def test_a_failed_download_says_why_and_keeps_nothing(
    host: Host, cache: Path, monkeypatch: pytest.MonkeyPatch, trouble: Callable[[Host, pytest.MonkeyPatch], str]
) -> None:
    told = trouble(host, monkeypatch)
    with pytest.raises(DataUnavailable) as caught:
        load_mnist(SMALL, host.mirrors)
    assert str(caught.value) == (
        f"MNIST is not available. train-images-idx3-ubyte.gz could not be downloaded ({told}). "
        "Set GRADIENT_LAB_DATA to a folder that holds MNIST/raw, or choose other data."
    )
    assert not list(cache.iterdir())


def test_without_pooch_a_download_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(DataUnavailable, match="needs the package pooch"):
        load_mnist(SMALL)
