"""Windows clients with their built-in IKEv2 VPN.

**What it sends.** IKE_SA_INIT on UDP 500, then IKE_AUTH on UDP 4500: with a machine certificate a request of 2 to 3
kB with the client's certificate and a hash of 20 bytes for each authority that it trusts. Logs of servers show its
payloads (docs.strongswan.org, "Connection Status with Windows Machine Certificates"; strongswan/strongMan issue
147): the default sizes are made after them. With EAP-TLS the certificate travels in EAP packets instead, which fill
an Ethernet frame.

**RFC 7383.** Up to Windows 10 1709 not at all: a large IKE_AUTH leaves as IP fragments. From 1803 on the client
announces it without any setting, and cuts by itself when the server announces it too. Its fragments then are IP
datagrams of 612 bytes with AES-CBC and HMAC-SHA2-256 (512 bytes of ciphertext each), 600 with 3DES and HMAC-SHA1.

**Don't Fragment.** No document tells. A capture shows an IKE_AUTH request cut again on its way, so that DF was
clear: it is taken as clear, and "sets DF on what fits its link" is tried too.

**Cure.** Nothing on the client: bring the server to announce RFC 7383 (``windows-server-2019-fragmentation``), and
clients before 1803 to a newer build. Error 809 with event 20227 of RasClient is how a lost IKE_AUTH shows.
"""

from dataclasses import replace

from auditor.model.evidence import Basis, Fact
from auditor.model.platform import System

_NO_RFC7383: Fact[bool] = Fact(
    value=False,
    basis=Basis.INFERRED,
    source="trailofbits/algo issue 760 (Windows 10 before 1803 doesn't announce it) and issue 534 (1803 is needed)",
)
_RFC7383: Fact[bool] = Fact(
    value=True,
    basis=Basis.INFERRED,
    source="docs.strongswan.org (Connection Status with Windows Machine Certificates) and strongswan/strongMan "
    "issue 147 (logs with FRAG_SUP from Windows clients); trailofbits/algo issue 534 (since 1803)",
)
_FRAGMENT_SIZE: Fact[int] = Fact(
    value=612,
    basis=Basis.INFERRED,
    source="strongswan/strongMan issue 147 (fragments of 568 bytes of IKE, 512 encrypted), libreswan pull request 311 "
    "(frames of 626 bytes)",
)
_DF: Fact[str] = Fact(
    value="false", basis=Basis.ASSUMED, others=("pmtud",), source="no document; a capture of an IKE_AUTH cut on its way"
)
_EAP_PEER: Fact[int] = Fact(
    value=1480,
    basis=Basis.ASSUMED,
    others=(1398,),
    source="field reports only: community.arubanetworks.com 547809 (1480 whatever Framed-MTU says), "
    "networking-forums.com 1124 (no MTU makes it smaller)",
)

_BEFORE_1803 = System(
    name="windows-10-1709",
    title="Windows 10 1709 and earlier builds from 1507",
    roles=("ikev2-initiator", "eap-peer"),
    ike_fragmentation=_NO_RFC7383,
    df=_DF,
    eap_fragment_size=_EAP_PEER,
    eap_size_is_fixed=True,
    fix="bring the clients to Windows 10 1803 or later and the server to one that announces RFC 7383; until then a "
    "certificate with an ECDSA P-256 key and few extensions keeps IKE_AUTH in one packet",
)
_FROM_1803 = System(
    name="windows-10-1803",
    title="Windows 10 1803",
    roles=("ikev2-initiator", "eap-peer"),
    ike_fragmentation=_RFC7383,
    ike_fragment_size=_FRAGMENT_SIZE,
    df=_DF,
    eap_fragment_size=_EAP_PEER,
    eap_size_is_fixed=True,
    fix="nothing to set on the client: it announces RFC 7383; let the server announce it too",
    notes=("no setting makes its EAP packets smaller: for RADIUS the cure is on the path, or RADIUS over TLS",),
)

WINDOWS_7 = replace(_BEFORE_1803, name="windows-7", title="Windows 7 and Windows 8")
WINDOWS_8_1 = replace(_BEFORE_1803, name="windows-8.1", title="Windows 8.1")
WINDOWS_10_1607 = replace(_BEFORE_1803, name="windows-10-1607", title="Windows 10 1607 (LTSB 2016)")
WINDOWS_10_1709 = _BEFORE_1803
WINDOWS_10_1803 = _FROM_1803
WINDOWS_10_1809 = replace(_FROM_1803, name="windows-10-1809", title="Windows 10 1809 (LTSC 2019)")
WINDOWS_10_1909 = replace(_FROM_1803, name="windows-10-1909", title="Windows 10 1903 and 1909")
WINDOWS_10_22H2 = replace(_FROM_1803, name="windows-10-22h2", title="Windows 10 2004 to 22H2 (LTSC 2021)")
WINDOWS_11 = replace(_FROM_1803, name="windows-11", title="Windows 11")
