"""Windows Server with Routing and Remote Access (RRAS): the server of Always On VPN, and a RADIUS client of NPS.

**What it sends.** Its certificate in the IKE_AUTH response (about 2 kB), and with RADIUS the EAP packets of its
clients, wrapped in Access-Requests.

**RFC 7383.** Up to Windows Server 2016 it can't. Windows Server 2019 can (as 1803 could), but only with the
registry value ``EnableServerFragmentation`` = 1 and after a restart; without it the server neither announces nor
sends IKE fragments. No document says whether 2022 and 2025 changed that: without the value they are taken as 2019,
and "on" is tried too. A name with ``-fragmentation`` says that the value is set and the server restarted.

**To see it**: ``Get-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Services\\RemoteAccess\\Parameters\\Ikev2`` and
compare the time of the last start; on the wire, notify 16430 in the IKE_SA_INIT response.

**Size of its IKE fragments, and Don't Fragment**: no document tells. The size is taken as the Windows client's; DF
as clear.
"""

from dataclasses import replace

from auditor.model.evidence import Basis, Fact
from auditor.model.platform import System

_MICROSOFT = "MicrosoftDocs/windowsserverdocs issue 3475, by Microsoft"
_SCRIPTS = "public scripts of Richard M. Hicks Consulting (Enable-VpnServerIKEv2Fragmentation.ps1)"
SWITCH_ON = (
    "New-ItemProperty -Path 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\RemoteAccess\\Parameters\\Ikev2\\' "
    "-Name EnableServerFragmentation -PropertyType DWord -Value 1 -Force; Restart-Computer"
)

_DF: Fact[str] = Fact(
    value="false", basis=Basis.ASSUMED, others=("pmtud",), source="no document; a capture shows it cutting a response"
)
_SIZE: Fact[int] = Fact(
    value=612, basis=Basis.ASSUMED, others=(576, 1280), source="no document; as the Windows client is seen to send"
)
_EAP_PEER: Fact[int] = Fact(
    value=1480, basis=Basis.ASSUMED, others=(1398,), source="EAP packets of its Windows clients fill a frame"
)

WINDOWS_SERVER_2016 = System(
    name="windows-server-2016",
    title="Windows Server 2016 (RRAS)",
    roles=("ikev2-responder", "radius-client"),
    ike_fragmentation=Fact(value=False, basis=Basis.ABSENT, source=f"{_MICROSOFT}: not before 2019"),
    df=_DF,
    eap_fragment_size=_EAP_PEER,
    eap_size_is_fixed=True,
    fix="move RRAS to Windows Server 2019 or later, then there: " + SWITCH_ON,
    notes=("the registry value EnableServerFragmentation has no effect on this release",),
)
WINDOWS_SERVER_2012_R2 = replace(
    WINDOWS_SERVER_2016, name="windows-server-2012-r2", title="Windows Server 2012 R2 and earlier (RRAS)"
)
WINDOWS_SERVER_2019 = System(
    name="windows-server-2019",
    title="Windows Server 2019 (RRAS) without the registry value EnableServerFragmentation",
    roles=("ikev2-responder", "radius-client"),
    ike_fragmentation=Fact(value=False, basis=Basis.ABSENT, source=f"{_MICROSOFT}: not on by default"),
    ike_fragment_size=_SIZE,
    df=_DF,
    eap_fragment_size=_EAP_PEER,
    eap_size_is_fixed=True,
    fix=SWITCH_ON,
    notes=("works only with clients that announce RFC 7383: Windows 10 1803 and later",),
)
WINDOWS_SERVER_2022 = replace(
    WINDOWS_SERVER_2019,
    name="windows-server-2022",
    title="Windows Server 2022 (RRAS) without the registry value EnableServerFragmentation",
    ike_fragmentation=Fact(
        value=False,
        basis=Basis.ASSUMED,
        others=(True,),
        source=f"no document says that the default changed since 2019 ({_MICROSOFT}); {_SCRIPTS} always set it",
    ),
)
WINDOWS_SERVER_2025 = replace(
    WINDOWS_SERVER_2022,
    name="windows-server-2025",
    title="Windows Server 2025 (RRAS) without the registry value EnableServerFragmentation",
)


def _with_value(system: System, release: str) -> System:
    """That release with the registry value set and restarted since."""
    return replace(
        system,
        name=f"{system.name}-fragmentation",
        title=f"Windows Server {release} (RRAS) with EnableServerFragmentation = 1, restarted since",
        ike_fragmentation=Fact(value=True, basis=Basis.DECLARED, source=f"the system's name; {_MICROSOFT}; {_SCRIPTS}"),
        fix="RFC 7383 is on at this end: the client must announce it too, and the path must carry the fragments' size",
    )


WINDOWS_SERVER_2019_FRAGMENTATION = _with_value(WINDOWS_SERVER_2019, "2019")
WINDOWS_SERVER_2022_FRAGMENTATION = _with_value(WINDOWS_SERVER_2022, "2022")
WINDOWS_SERVER_2025_FRAGMENTATION = _with_value(WINDOWS_SERVER_2025, "2025")
