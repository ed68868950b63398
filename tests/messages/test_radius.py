"""RADIUS messages are held against real FreeRADIUS and eapol_test, and the fact sheet's tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.messages import radius

NAS = 105  # what eapol_test adds with a user name of 18 bytes: captured
STATE = 18


@pytest.mark.parametrize(
    ("fragment_size", "datagram"),
    [
        (1398, 1591),
        (1360, 1553),
        (1350, 1543),
        (1340, 1533),
        (1330, 1523),
        (1320, 1513),
        (1310, 1503),
        (1300, 1493),
        (1290, 1483),
        (1200, 1391),
        (1150, 1341),
        (1024, 1215),
    ],
)
def test_access_requests_as_measured(fragment_size: int, datagram: int) -> None:
    message = radius.access_request(fragment_size + radius.EAP_TLS_HEADER, NAS)
    assert 28 + message.bytes == datagram


@pytest.mark.parametrize(("fragment_size", "datagram"), [(1300, 1572), (1200, 1470)])
def test_the_nas_decides_the_margin(fragment_size: int, datagram: int) -> None:
    assert 28 + radius.access_request(fragment_size + radius.EAP_TLS_HEADER, NAS + 79).bytes == datagram


@pytest.mark.parametrize(
    ("server", "framed", "datagram"),
    [
        (1024, 1400, 1118),
        (1200, 1400, 1294),
        (1300, 1400, 1396),
        (1400, 1400, 1496),
        (2000, 1344, 1450),
        (2000, 1200, 1304),
        (2000, 1000, 1102),
        (1400, 1300, 1406),
        (1024, 700, 800),
    ],
)
def test_access_challenges_as_measured(server: int, framed: int, datagram: int) -> None:
    packet = min(server, framed + radius.EAP_TLS_HEADER)
    assert 28 + radius.access_challenge(packet, STATE).bytes == datagram


def test_a_real_access_accept() -> None:
    """FreeRADIUS 3.2.1, captured: 180 bytes with a user name of 18."""
    assert radius.access_accept(20).bytes == 180


@pytest.mark.parametrize(
    ("packet", "attributes", "size"), [(1344, 40, 1434), (1500, 40, 1590), (1490, 260, 1800), (1020, 260, 1328)]
)
def test_the_first_table_of_the_fact_sheet(packet: int, attributes: int, size: int) -> None:
    assert radius.access_challenge(packet, attributes).bytes == size
    assert radius.access_request(packet, attributes).bytes == size


@pytest.mark.parametrize(
    ("mtu", "challenge", "request_260", "request_400"),
    [
        (1500, 1382, 1164, 1024),
        (1460, 1342, 1124, 986),
        (1438, 1320, 1102, 964),
        (1400, 1282, 1064, 926),
        (1280, 1164, 946, 806),
    ],
)
def test_the_second_table_of_the_fact_sheet(mtu: int, challenge: int, request_260: int, request_400: int) -> None:
    assert radius.largest_packet(40, mtu - 28) == challenge
    assert radius.largest_packet(260, mtu - 28) == request_260
    assert radius.largest_packet(400, mtu - 28) == request_400


@given(st.integers(0, 600), st.integers(100, 5000))
def test_the_largest_packet_fits_and_one_more_does_not(attributes: int, datagram: int) -> None:
    largest = radius.largest_packet(attributes, datagram)
    if datagram >= 41 + attributes:
        assert radius.access_request(largest, attributes).bytes <= datagram
        assert radius.access_request(largest + 1, attributes).bytes > datagram
    else:
        assert largest == 0


@given(st.integers(1, 4000), st.integers(0, 600))
def test_one_byte_more_of_eap_is_one_byte_more_or_an_attribute(packet: int, attributes: int) -> None:
    grown = radius.access_request(packet + 1, attributes).bytes - radius.access_request(packet, attributes).bytes
    assert grown == (3 if packet % 253 == 0 else 1)


def test_dtls_adds_a_record() -> None:
    message = radius.access_request(1490, 260)
    assert radius.over_dtls(message).bytes == message.bytes + 37
    assert "assumed" in radius.over_dtls(message).lines[-1].what


def test_accounting_and_its_receipt() -> None:
    assert radius.accounting_request(280).bytes == 300
    assert radius.accounting_response().bytes == 20


def test_every_line_names_its_document() -> None:
    messages = [radius.access_request(9, 9), radius.access_accept(9), radius.over_dtls(radius.accounting_request(9))]
    assert all(line.source.startswith("RFC ") for message in messages for line in message.lines)
