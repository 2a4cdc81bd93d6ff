"""A hub of an invented mall, as a process of its own on this machine: for measurements and for the demo."""

from __future__ import annotations

import ipaddress
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

STARTS_WITHIN_S = 60.0
_ENDS_WITHIN_S = 20.0


@dataclass(frozen=True)
class Tls:
    certificate: Path
    key: Path


def certificate_for_here(folder: Path) -> Tls:
    """Of 127.0.0.1, signed by itself, for a day."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hub")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    tls = Tls(folder / "tls.pem", folder / "tls.key")
    tls.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    tls.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return tls


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@contextmanager
def hub_process(
    database: str, mall: str, port: int, tls: Tls, *, log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """`memberdesk hub`, as it is installed; ended with the `with`. `log` gets what it says instead of the terminal."""
    frozen = getattr(sys, "frozen", False)
    command = [sys.executable] if frozen else [sys.executable, "-m", "app"]
    command += ["hub", "--mall-id", mall, "--listen", f"127.0.0.1:{port}"]
    command += ["--tls-cert", str(tls.certificate), "--tls-key", str(tls.key)]
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if log is not None else None
    process = subprocess.Popen(
        command,
        cwd=None if frozen else str(Path(__file__).parents[2]),
        env={**os.environ, "MEMBERDESK_DATABASE": database},
        stdout=said,
        stderr=said,
        start_new_session=True,  # Ctrl-C is for whoever started it: desks are closed before their hub
    )
    try:
        yield process
    finally:
        if said is not None:
            os.close(said)
        process.terminate()
        try:
            process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    """Raises RuntimeError where it ended, or does not listen in time."""
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the hub did not start; exit code {process.poll()}")
