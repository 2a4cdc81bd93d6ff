"""The hub as it is installed: a process of its own, over TLS, on the machine's own clock."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.ports.clock import SystemClock

PRESENT = datetime.now(UTC)


class Present(SystemClock):
    """What tests do with their clock, on the real one: a process of its own reads it, too."""

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.wall_ms() / 1000, UTC)


def a_certificate(folder: Path, *, name: str = "hub", issuer: Path | None = None) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    if issuer is None:
        by, signing = subject, key
    else:
        by = x509.load_pem_x509_certificate(issuer.read_bytes()).subject
        signing = serialization.load_pem_private_key(issuer.with_suffix(".key").read_bytes(), None)  # type: ignore[assignment]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(PRESENT - timedelta(days=1))
        .not_valid_after(PRESENT + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(signing, hashes.SHA256())
    )
    certificate, private = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


def a_free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@dataclass
class Running:
    url: str
    certificate: Path
    process: subprocess.Popen[bytes]

    def client(self, **more: Any) -> httpx.Client:
        context = ssl.create_default_context(cafile=str(self.certificate))
        if "cert" in more:
            context.load_cert_chain(*map(str, more.pop("cert")))
        return httpx.Client(base_url=self.url, verify=context, trust_env=False, timeout=30, **more)


@contextlib.contextmanager
def running(url: str, mall: str, folder: Path, *more: str) -> Iterator[Running]:
    certificate, key = folder / "hub.pem", folder / "hub.key"
    if not certificate.exists():
        a_certificate(folder)
    port = a_free_port()
    command = [sys.executable, "-m", "app", "hub", "--database", url, "--mall-id", mall]
    command += ["--listen", f"127.0.0.1:{port}", "--tls-cert", str(certificate), "--tls-key", str(key), *more]
    process = subprocess.Popen(command, env={**os.environ})
    try:
        for _ in range(600):
            assert process.poll() is None, "the hub ended"
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield Running(f"https://127.0.0.1:{port}", certificate, process)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, -signal.SIGTERM)
