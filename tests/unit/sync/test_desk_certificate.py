"""The files somebody was given as a desk's own certificate, and what is said of wrong ones."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from app.domain.errors import Refused, Unavailable
from app.sync.desk_certificate import desk_certificate
from tests.support.certificates import Authority, Pair

NOW = datetime.now(UTC)


@pytest.fixture
def mine(tmp_path: Path) -> Pair:
    return Authority(tmp_path).issue("desk")


def code_of(certificate: Path, key: Path | None = None) -> str:
    with pytest.raises((Refused, Unavailable)) as said:
        desk_certificate(certificate, key, NOW)
    assert isinstance(said.value, Refused | Unavailable)
    return said.value.code


def test_one_file_or_two_are_kept_as_one_that_tls_can_use(mine: Pair, tmp_path: Path) -> None:
    kept = desk_certificate(mine.both, None, NOW)
    assert desk_certificate(mine.certificate, mine.key, NOW) == kept
    assert desk_certificate(mine.certificate, mine.both, NOW) == kept
    backwards = tmp_path / "backwards.pem"
    backwards.write_bytes(b"Bag Attributes: x\n" + mine.key.read_bytes() + mine.certificate.read_bytes())
    assert desk_certificate(backwards, None, NOW) == kept
    file = tmp_path / "kept.pem"
    file.write_bytes(kept)
    ssl.create_default_context().load_cert_chain(file)


def test_the_chain_between_the_desk_and_its_authority_is_kept(mine: Pair, tmp_path: Path) -> None:
    chained = tmp_path / "chained.pem"
    chained.write_bytes(mine.both.read_bytes() + (tmp_path / "Mall-CA.pem").read_bytes())
    assert desk_certificate(chained, None, NOW).count(b"BEGIN CERTIFICATE") == 2


def test_each_wrong_file_has_its_own_sentence(mine: Pair, tmp_path: Path) -> None:
    other = Authority(tmp_path, "Somebody Else").issue("other")
    old = Authority(tmp_path, "Old").issue("old", days=(-90, -1))
    locked, binary, torn = (tmp_path / name for name in ("locked.key", "desk.p12", "torn.key"))
    key = load_pem_private_key(mine.key.read_bytes(), None)
    locked.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))
    binary.write_bytes(bytes(range(256)))
    torn.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    assert code_of(tmp_path / "not-there.pem") == "desk_certificate.not_read"
    assert code_of(tmp_path) == "desk_certificate.not_read"
    assert code_of(binary) == "desk_certificate.none"
    assert code_of(mine.key) == "desk_certificate.none"
    assert code_of(mine.certificate) == "desk_certificate.no_key"
    assert code_of(mine.certificate, mine.certificate) == "desk_certificate.no_key"
    assert code_of(mine.certificate, torn) == "desk_certificate.no_key"
    assert code_of(mine.certificate, locked) == "desk_certificate.key_locked"
    assert code_of(mine.certificate, tmp_path / "not-there.key") == "desk_certificate.key_not_read"
    assert code_of(mine.certificate, other.key) == "desk_certificate.other_key"
    assert code_of(old.both) == "desk_certificate.date"
