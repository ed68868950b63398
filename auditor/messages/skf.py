"""RFC 7383: one IKE message as several encrypted fragments (SKF payloads), each a datagram of its own.

A sender cuts the content of the encrypted payload so that no IP datagram exceeds a size. The room for content is
the size less IP and UDP header, non-ESP marker, IKE header, SKF payload header, vector and check value, rounded
down to whole blocks, less the byte of pad length: so it was measured in the lab.
"""

from dataclasses import replace

from auditor.messages.suites import AES_CBC, Suite
from auditor.model.addresses import Family
from auditor.model.packets import IP_HEADER, NON_ESP_MARKER, UDP_HEADER, Message

IKE_HEADER = 28  # RFC 7296 3.1
PAYLOAD_HEADER = 4  # RFC 7296 3.2
SKF_HEADER = 8  # RFC 7383 2.5: payload header, fragment number, total
ENCRYPTED = "Encrypted payload header"
VECTOR = "Initialisation vector"
PADDING = "Padding and its length"
CHECK = "Integrity check value"
_ENVELOPE = (ENCRYPTED, VECTOR, PADDING, CHECK)


def marker(port: int) -> int:
    """The bytes of non-ESP marker on that port (RFC 3948 2.2)."""
    return 0 if port == 500 else NON_ESP_MARKER


def content_room(size: int, family: Family, port: int, suite: Suite = AES_CBC) -> int:
    """The bytes of content that one fragment of an IP datagram of ``size`` bytes carries; below 1: none."""
    headers = IP_HEADER[family] + UDP_HEADER + marker(port) + IKE_HEADER + SKF_HEADER
    return suite.capacity(size - headers - suite.iv - suite.icv)


def fragments(content: int, size: int, family: Family, port: int, suite: Suite = AES_CBC) -> tuple[int, ...]:
    """The UDP payloads of the fragments that carry ``content``, none larger than ``size`` allows."""
    room = content_room(size, family, port, suite)
    if room < 1:
        return ()
    parts = [min(room, content - start) for start in range(0, content, room)]
    fixed = marker(port) + IKE_HEADER + SKF_HEADER + suite.iv + suite.icv
    return tuple(fixed + part + suite.padding(part) for part in parts)


def splittable(message: Message) -> bool:
    """Whether RFC 7383 can split it: IKE_SA_INIT has no encrypted payload (RFC 7383 2.3), a probe is small."""
    return not message.probe and not message.name.startswith("IKE_SA_INIT") and len(message.payloads) == 1


def split(message: Message, *, family: Family, size: int, suite: Suite = AES_CBC) -> Message:
    """The message as a sender with RFC 7383 sends it, cut for IP datagrams of ``size`` bytes.

    It stays as it is where it fits, where nothing can be split and where ``size`` has no room for content.
    """
    if not splittable(message):
        return message
    payload = message.payloads[0]
    if IP_HEADER[family] + UDP_HEADER + payload <= size:
        return message
    payloads = fragments(content_of(message, suite), size, family, message.port, suite)
    return replace(message, payloads=payloads) if payloads else message


def content_of(message: Message, suite: Suite = AES_CBC) -> int:
    """The bytes inside a message's encrypted payload: exact where its lines are known, else the most it can be."""
    payload = message.payloads[0] - marker(message.port) - IKE_HEADER
    envelope = sum(line.bytes for line in message.lines if line.what in _ENVELOPE)
    return payload - (envelope or PAYLOAD_HEADER + suite.iv + 1 + suite.icv)
