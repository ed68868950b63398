"""How long signatures and certificates are, by kind of key.

Signatures: RSA RFC 8017 (8.2.1), ECDSA in its raw form RFC 4754 (7), any key with its AlgorithmIdentifier RFC 7427 (3,
appendix A). A DER-coded ECDSA signature varies by a few bytes; the longest counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Signature = Literal["rfc7296", "rfc7427"]  # AUTH methods of their own for each kind of key, or Digital Signature
Form = Literal["lean", "enterprise", "authority", "root"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A kind of key. ``public`` is bytes of SubjectPublicKeyInfo, ``algorithm`` of AlgorithmIdentifier."""

    name: str
    public: int
    raw: int
    der: int
    algorithm: int

    def authentication(self, signature: Signature) -> int:
        """Bytes of the Authentication Data of an AUTH payload."""
        return self.raw if signature == "rfc7296" else 1 + self.algorithm + self.der


KEYS: Mapping[str, Key] = MappingProxyType(
    {
        key.name: key
        for key in (
            Key(name="rsa2048", public=294, raw=256, der=256, algorithm=15),
            Key(name="rsa3072", public=422, raw=384, der=384, algorithm=15),
            Key(name="rsa4096", public=550, raw=512, der=512, algorithm=15),
            Key(name="p256", public=91, raw=64, der=72, algorithm=12),
            Key(name="p384", public=120, raw=96, der=104, algorithm=12),
            Key(name="p521", public=158, raw=132, der=139, algorithm=12),
        )
    }
)

# Bytes of a DER certificate, made with OpenSSL 3.0, SHA-256. "lean" has one name and one CRL address; "enterprise" is
# as an authority of a directory issues them: LDAP and HTTP CRL, LDAP issuer address, template, user principal name.
_MEASURED: Mapping[tuple[str, str, Form], int] = MappingProxyType(
    {
        ("rsa2048", "rsa2048", "lean"): 1144,
        ("rsa2048", "rsa2048", "enterprise"): 1731,
        ("rsa2048", "rsa4096", "lean"): 1400,
        ("rsa2048", "rsa4096", "enterprise"): 1987,
        ("rsa4096", "rsa4096", "lean"): 1656,
        ("rsa4096", "rsa4096", "enterprise"): 2243,
        ("p256", "p256", "lean"): 748,
        ("p256", "p256", "enterprise"): 1335,
        ("p256", "rsa2048", "lean"): 941,
        ("p256", "rsa2048", "enterprise"): 1528,
        ("p384", "p384", "lean"): 810,
        ("p384", "p384", "enterprise"): 1397,
        ("rsa2048", "rsa2048", "authority"): 1077,
        ("rsa2048", "rsa2048", "root"): 929,
        ("rsa4096", "rsa4096", "authority"): 1589,
        ("rsa4096", "rsa4096", "root"): 1441,
        ("p256", "p256", "authority"): 682,
        ("p256", "p256", "root"): 534,
        ("p384", "p384", "authority"): 741,
        ("p384", "p384", "root"): 595,
    }
)
_FRAMING: Mapping[Form, int] = MappingProxyType({"lean": 590, "enterprise": 1180, "authority": 525, "root": 380})


def estimate(key: str, issuer: str, form: Form) -> int:
    """About how long a certificate is: names and extensions, the public key, the issuer's signature."""
    return _FRAMING[form] + KEYS[key].public + KEYS[issuer].der


def certificate(key: str, issuer: str | None = None, form: Form = "enterprise") -> int:
    """Bytes of a certificate: as measured, else by the estimate, which fits what was measured within 10 bytes."""
    issuer = issuer or key
    return _MEASURED.get((key, issuer, form)) or estimate(key, issuer, form)
