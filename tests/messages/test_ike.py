"""IKE messages are held against the fact sheet's table and against what real daemons sent."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.messages import ike, skf
from auditor.messages.defaults import ike_settings
from auditor.messages.ike import IkeEnd, IkeMessage, IkeSettings, Proposal
from auditor.messages.keys import KEYS, certificate, estimate
from auditor.messages.sizes import packets
from auditor.messages.suites import AES_CBC, CIPHERS, INTEGRITY, Suite, suite
from auditor.model.flows import Auth

RSA2048, RSA4096, P256 = certificate("rsa2048"), certificate("rsa4096"), certificate("p256")
LEAN_RSA, LEAN_P256 = certificate("rsa2048", form="lean"), certificate("p256", form="lean")


@dataclass(frozen=True)
class Row:
    """A row of the fact sheet's table 7.1: IKE_AUTH request, AES-GCM, IPv4, port 4500."""

    key: str
    certificates: tuple[int, ...]
    authorities: int
    ike: int
    packets: tuple[int, int, int]  # at 1500, 1400, 1280
    fragments: tuple[int, int]  # at 1280, 576

    @property
    def message(self) -> IkeMessage:
        psk = self.key == "psk"
        end = IkeEnd(
            identity=25 if psk else 110,
            key=self.key,
            signature="rfc7427",
            certificates=self.certificates,
            authorities=self.authorities,
            attributes=(0,) * 4,
            auth_notifies=2,
        )
        child = (Proposal(transforms=3, keyed=0, spi=4),)
        settings = IkeSettings(initiator=end, responder=end, suite=suite("aes-gcm"), child=child, selectors=(4,))
        return ike.auth_request(settings)


ROWS = [
    Row("psk", (), 0, 258, (1, 1, 1), (1, 1)),
    Row("p256", (LEAN_P256,), 1, 1174, (1, 1, 1), (1, 3)),
    Row("p256", (P256,), 1, 1761, (2, 2, 2), (2, 4)),
    Row("rsa2048", (LEAN_RSA,), 1, 1757, (2, 2, 2), (2, 4)),
    Row("rsa2048", (RSA2048,), 1, 2344, (2, 2, 2), (2, 5)),
    Row("rsa2048", (RSA2048,), 30, 2924, (2, 3, 3), (3, 6)),
    Row("rsa2048", (RSA2048, 1077), 1, 3426, (3, 3, 3), (3, 7)),
    Row("rsa4096", (RSA4096,), 1, 3112, (3, 3, 3), (3, 7)),
    Row("rsa4096", (RSA4096, 1589, 1441), 30, 6732, (5, 5, 6), (6, 14)),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.key}-{row.ike}")
def test_the_table_of_the_fact_sheet(row: Row) -> None:
    message = row.message
    assert message.bytes == row.ike
    datagram = 20 + 8 + sum(line.bytes for line in message.lines_on(4500))
    assert datagram == row.ike + 32
    assert tuple(len(packets(datagram, mtu, 4)) for mtu in (1500, 1400, 1280)) == row.packets
    assert message.content is not None
    counts = tuple(
        1 if datagram <= size else len(skf.fragments(message.content, size, 4, 4500, suite("aes-gcm")))
        for size in (1280, 576)
    )
    assert counts == row.fragments


def daemon(key: str, certificates: tuple[int, ...], *, initiator: bool) -> IkeEnd:
    """strongSwan 5.9.8 as captured for this test: RSA 4096, ``childless = force``, identities of 13 bytes."""
    return IkeEnd(
        identity=13,
        key=key,
        signature="rfc7427",
        certificates=certificates,
        authorities=2,
        peer_id=13 if initiator else None,
        nonce=32,
        hashes=4,
        init_notifies=1 if initiator else 2,
        auth_notifies=6 if initiator else 2,
    )


def lab(key: str, certificates: tuple[int, ...], *, fragmentation: bool) -> IkeSettings:
    return IkeSettings(
        initiator=daemon(key, certificates, initiator=True),
        responder=daemon(key, certificates, initiator=False),
        child=None,
        fragmentation=fragmentation,
    )


@pytest.mark.parametrize(("fragmentation", "request_bytes", "response_bytes"), [(False, 456, 509), (True, 464, 517)])
def test_a_real_ike_sa_init(fragmentation: bool, request_bytes: int, response_bytes: int) -> None:
    settings = lab("rsa4096", (), fragmentation=fragmentation)
    assert ike.sa_init_request(settings).bytes == request_bytes
    assert ike.sa_init_response(settings).bytes == response_bytes


def test_a_real_ike_auth_with_certificates() -> None:
    settings = lab("rsa4096", (1326, 1362), fragmentation=True)
    assert ike.auth_request(settings).bytes == 3440
    assert ike.auth_response(settings).bytes == 3344


def test_a_real_ike_auth_with_a_shared_key() -> None:
    settings = lab("psk", (), fragmentation=False)
    assert ike.auth_request(settings).bytes == 240
    assert ike.auth_response(settings).bytes == 144


@pytest.mark.parametrize(
    ("size", "request_pieces", "response_pieces"),
    [
        (1280, [1268, 1268, 1140], [1268, 1268, 1044]),
        (576, [564] * 7 + [244], [564] * 7 + [132]),
        (1500, [1492, 1492, 692], [1492, 1492, 596]),
    ],
)
def test_real_fragments(size: int, request_pieces: list[int], response_pieces: list[int]) -> None:
    settings = lab("rsa4096", (1326, 1362), fragmentation=True)
    for message, expected in (
        (ike.auth_request(settings), request_pieces),
        (ike.auth_response(settings), response_pieces),
    ):
        assert message.content is not None
        assert [28 + payload for payload in skf.fragments(message.content, size, 4, 4500)] == expected


@pytest.mark.parametrize(
    ("whole", "pieces"),
    [
        (2144, {1280: [1236, 980]}),
        (2032, {1280: [1236, 884]}),
        (3504, {1280: [1236, 1236, 1188], 576: [532] * 7 + [276]}),
        (3408, {1280: [1236, 1236, 1076]}),
    ],
)
def test_the_sizes_measured_in_the_lab(whole: int, pieces: dict[int, list[int]]) -> None:
    """lab.md 5: of the contents that make the whole, padded to 16 bytes, at least one makes all the pieces."""
    most = whole - 28 - 4 - 16 - 16 - 1
    fitting = [
        content
        for content in range(most - 15, most + 1)
        if all([p - 4 for p in skf.fragments(content, size, 4, 4500)] == seen for size, seen in pieces.items())
    ]
    assert fitting


def test_a_known_first_message_of_a_common_client() -> None:
    """A public test script builds its IKE_SA_INIT: one proposal, group 14, nonce 48, four vendor identities: 544."""
    assert ike.sa_init_request(ike_settings("certificate")).bytes == 544


def test_the_default_is_the_contracts_example() -> None:
    message = ike.auth_request(ike_settings("certificate"))
    assert sum(line.bytes for line in message.lines_on(4500)) == 2916


@pytest.mark.parametrize("auth", ["certificate", "psk", "eap-tls", "eap-peap", "eap-mschapv2"])
def test_only_a_shared_key_keeps_both_messages_small(auth: Auth) -> None:
    settings = ike_settings(auth)
    request, response = ike.auth_request(settings), ike.auth_response(settings)
    assert (request.bytes > 1472) == (auth == "certificate")
    assert (response.bytes > 1472) == (auth != "psk")
    assert ike.sa_init_request(settings).bytes < 1200
    assert ike.sa_init_response(settings).bytes < 1200
    assert any(line.what.startswith("AUTH") for line in request.lines) == (auth in ("certificate", "psk"))


def test_every_line_names_its_document() -> None:
    settings = ike_settings("eap-tls")
    lines = [
        *ike.sa_init_response(settings).lines,
        *ike.auth_response(settings).lines,
        *ike.eap_request(settings, 9).lines,
    ]
    assert all(line.source.startswith("RFC ") and line.bytes > 0 for line in lines)


ends = st.builds(
    IkeEnd,
    identity=st.integers(0, 200),
    key=st.sampled_from([*KEYS, "psk", None]),
    signature=st.sampled_from(["rfc7296", "rfc7427"]),
    certificates=st.lists(st.integers(400, 4000), max_size=4).map(tuple),
    authorities=st.integers(0, 60),
    attributes=st.lists(st.integers(0, 16), max_size=8).map(tuple),
    auth_notifies=st.integers(0, 6),
)
suites = st.builds(suite, st.sampled_from(CIPHERS), st.sampled_from(INTEGRITY))


@given(ends, ends, suites)
def test_the_encrypted_part_is_whole_blocks(initiator: IkeEnd, responder: IkeEnd, chosen: Suite) -> None:
    settings = replace(ike_settings("certificate"), initiator=initiator, responder=responder, suite=chosen)
    for message in (ike.auth_request(settings), ike.auth_response(settings)):
        outside = 28 + 4 + settings.suite.iv + settings.suite.icv
        assert message.content is not None
        assert (message.bytes - outside) % settings.suite.block == 0
        assert 1 <= message.bytes - outside - message.content <= settings.suite.block


@given(ends, st.integers(400, 4000))
def test_a_longer_chain_makes_a_longer_message(end: IkeEnd, more: int) -> None:
    settings = replace(ike_settings("certificate"), initiator=end)
    longer = replace(settings, initiator=replace(end, certificates=(*end.certificates, more)))
    grown = ike.auth_request(longer).bytes - ike.auth_request(settings).bytes
    assert abs(grown - (more + 5)) < AES_CBC.block


def test_the_responder_chooses_one_proposal() -> None:
    two = (ike.IKE_PROPOSAL, ike.IKE_PROPOSAL)
    one = ike_settings("psk")
    settings = replace(one, proposals=two, child=(ike.ESP_PROPOSAL, ike.ESP_PROPOSAL))
    assert ike.sa_init_request(settings).bytes == ike.sa_init_request(one).bytes + ike.IKE_PROPOSAL.bytes
    assert ike.sa_init_response(settings).bytes == ike.sa_init_response(one).bytes
    assert ike.auth_response(settings).bytes == ike.auth_response(one).bytes
    assert ike.auth_request(settings).bytes > ike.auth_request(one).bytes


MEASURED = [
    ("rsa2048", "rsa2048", 1144, 1731),
    ("rsa2048", "rsa4096", 1400, 1987),
    ("rsa4096", "rsa4096", 1656, 2243),
    ("p256", "p256", 748, 1335),
    ("p256", "rsa2048", 941, 1528),
    ("p384", "p384", 810, 1397),
]


@pytest.mark.parametrize(("key", "issuer", "lean", "enterprise"), MEASURED)
def test_certificates_are_as_measured_and_the_estimate_is_near(
    key: str, issuer: str, lean: int, enterprise: int
) -> None:
    assert certificate(key, issuer, "lean") == lean
    assert certificate(key, issuer, "enterprise") == enterprise
    assert abs(estimate(key, issuer, "lean") - lean) <= 10
    assert abs(estimate(key, issuer, "enterprise") - enterprise) <= 10


def test_a_certificate_that_nobody_measured_is_estimated() -> None:
    assert certificate("rsa3072") == estimate("rsa3072", "rsa3072", "enterprise")
    assert certificate("rsa2048") < certificate("rsa3072") < certificate("rsa4096")
