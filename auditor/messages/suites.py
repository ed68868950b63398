"""What the encryption of an IKE message adds: initialisation vector, padding and integrity check.

Sources: AES-CBC RFC 3602 (2.1, 2.4), 3DES RFC 2451 (2.3, 2.6), AES-GCM in IKEv2 RFC 5282 (3.1, 4), ChaCha20-Poly1305
RFC 7634 (2), HMAC-SHA1-96 RFC 2404 (2), HMAC-SHA2 RFC 4868 (2.6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A cipher with its integrity algorithm: bytes of vector and check value, and the block to pad to."""

    name: str
    iv: int
    block: int
    icv: int

    def padding(self, content: int) -> int:
        """The padding of so many bytes of content, with the byte that tells its length (RFC 7296 3.14)."""
        return -(content + 1) % self.block + 1

    def capacity(self, room: int) -> int:
        """The content that fits an encrypted part of ``room`` bytes: whole blocks less the byte of pad length."""
        return room // self.block * self.block - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cipher:
    iv: int
    block: int
    icv: int | None = None  # None: a separate integrity algorithm gives it


_CIPHERS: Mapping[str, _Cipher] = MappingProxyType(
    {
        "3des": _Cipher(iv=8, block=8),
        "aes-cbc": _Cipher(iv=16, block=16),
        "aes-gcm": _Cipher(iv=8, block=1, icv=16),
        "chacha20-poly1305": _Cipher(iv=8, block=1, icv=16),
    }
)
_INTEGRITY: Mapping[str, int] = MappingProxyType({"sha1": 12, "sha2-256": 16, "sha2-384": 24, "sha2-512": 32})

CIPHERS = tuple(_CIPHERS)
INTEGRITY = tuple(_INTEGRITY)


def suite(cipher: str, integrity: str = "sha2-256") -> Suite:
    """The suite of these two names; ``integrity`` doesn't count where the cipher brings its own."""
    found = _CIPHERS[cipher]
    if found.icv is not None:
        return Suite(name=cipher, iv=found.iv, block=found.block, icv=found.icv)
    return Suite(name=f"{cipher} with {integrity}", iv=found.iv, block=found.block, icv=_INTEGRITY[integrity])


AES_CBC = suite("aes-cbc", "sha2-256")
