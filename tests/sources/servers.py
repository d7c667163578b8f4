"""Servers for the tests of the clone: https with one answer, and an ssh that can stall."""

from __future__ import annotations

import base64
import http.server
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.gitrepo import Upstream


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers with one status, or is git's own server program for user:hunter2."""

    status = 200
    served: Path | None = None

    def do_GET(self) -> None:
        wanted = "Basic " + base64.b64encode(b"user:hunter2").decode()
        if self.served is not None and self.headers["Authorization"] == wanted:
            self._git(self.served)
            return
        self.send_response(self.status)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET  # noqa: N815 - the name is the server's

    def _git(self, served: Path) -> None:
        path, _, query = self.path.partition("?")
        length = self.headers["Content-Length"] or "0"
        done = subprocess.run(
            ["git", "http-backend"],
            input=self.rfile.read(int(length)),
            capture_output=True,
            check=True,
            env={
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(served.parent),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_PROTOCOL": self.headers["Git-Protocol"] or "",
                "HTTP_CONTENT_ENCODING": self.headers["Content-Encoding"] or "",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": self.headers["Content-Type"] or "",
                "CONTENT_LENGTH": length,
            },
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        self.send_response(200)
        for line in head.decode().splitlines():
            self.send_header(*line.split(": ", 1))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def https_server(folder: Path, status: int, served: Path | None = None) -> Iterator[str]:
    """Answer over TLS with one status; serve a repository to those who know the password."""
    handler = type("Handler", (_Handler,), {"status": status, "served": served})
    if shutil.which("openssl") is None:
        pytest.skip("no openssl program to make a certificate for the test server with")
    key, certificate = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def through_ssh(monkeypatch: pytest.MonkeyPatch, folder: Path, upstream: Upstream) -> str:
    """Return an ssh URL whose "ssh" runs the server's command here, and may stall on the way.

    With HANG_AFTER set, the answer to the fetch (not to the question before it, what HEAD is)
    stops after so many bytes.
    """
    script = folder / "ssh"
    script.write_text(
        "#!/bin/bash\n"
        f'echo "$@" >> {folder}/ssh-calls\n'
        f'[ -n "$HANG_AFTER" ] && echo $$ >> {folder}/stalling\n'
        "command=${!#}\n"
        f'[ -n "$HANG_AFTER" ] && [ "$(wc -l < {folder}/stalling)" = 2 ] '
        '|| exec sh -c "$command"\n'
        'sh -c "$command" | (head -c "$HANG_AFTER"; exec sleep 20)\n'
    )
    script.chmod(0o755)
    (folder / "stalling").touch()
    monkeypatch.setenv("GIT_SSH_COMMAND", f"{script} -o First=1")
    monkeypatch.setenv("GIT_SSH_VARIANT", "ssh")
    return f"ssh://git@host.invalid{upstream.path}"
