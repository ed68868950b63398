"""Kernel settings that decide: whether it forwards, checks sources, and how reassembly is bounded."""

from dataclasses import dataclass

from auditor.model.addresses import Family
from auditor.model.device import NotUnderstood
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.parse.rows import Rows

MODES = {"0": "off", "1": "strict", "2": "loose"}
STRICT_FIRST = ("off", "strict", "loose")  # by number
RP_SOURCE = "Documentation/networking/ip-sysctl.rst, rp_filter: the larger of conf/all and conf/INTERFACE counts"
NO_RP6_SOURCE = "Documentation/networking/ip-sysctl.rst: there is no such setting for IPv6"
FORWARD = {4: ("net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding"), 6: ("net.ipv6.conf.all.forwarding",)}
TIMES = {
    ("conntrack", 4): ("net.ipv4.ipfrag_time", 30),
    ("conntrack", 6): ("net.netfilter.nf_conntrack_frag6_timeout", 60),
    ("local-in", 4): ("net.ipv4.ipfrag_time", 30),
    ("local-in", 6): ("net.ipv6.ip6frag_time", 60),
}
MEMORY = {
    ("conntrack", 4): "net.ipv4.ipfrag_high_thresh",
    ("conntrack", 6): "net.netfilter.nf_conntrack_frag6_high_thresh",
    ("local-in", 4): "net.ipv4.ipfrag_high_thresh",
    ("local-in", 6): "net.ipv6.ip6frag_high_thresh",
}
MEMORY_SOURCE = (
    "net/ipv4/inet_fragment.c inet_frag_find(): with no memory allowed no queue is made, so every fragment is lost"
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting that was listed, with its line."""

    values: dict[str, tuple[str, Evidence]]
    head: Evidence

    def get(self, *keys: str) -> tuple[str, Evidence] | None:
        """The first of these that was listed."""
        return next((self.values[key] for key in keys if key in self.values), None)

    def forwards(self, family: Family) -> Fact[bool]:
        """Whether the host sends on what is not for itself. Not listed, nobody knows (the kernel's default is no)."""
        found = self.get(*FORWARD[family])
        if found is None:
            return Fact(value=True, basis=Basis.UNKNOWN, evidence=(self.head,), others=(False,))
        return Fact(value=found[0] != "0", basis=Basis.READ, evidence=(found[1],))

    def source_check(self, family: Family, interface: str) -> Fact[str]:
        """rp_filter of an interface."""
        if family == 6:
            return Fact(value="off", basis=Basis.ABSENT, evidence=(self.head,), source=NO_RP6_SOURCE)
        both = [self.get(f"net.ipv4.conf.{where}.rp_filter") for where in ("all", dotless(interface))]
        read = [one for one in both if one is not None and one[0] in MODES]
        evidence = tuple(one[1] for one in read)
        known = max((int(one[0]) for one in read), default=0)
        if len(read) == 2 or known == 2:
            return Fact(value=STRICT_FIRST[known], basis=Basis.READ, evidence=evidence, source=RP_SOURCE)
        options = [STRICT_FIRST[mode] for mode in range(known, 3)]
        return Fact(
            value=options[0],
            basis=Basis.UNKNOWN,
            evidence=evidence or (self.head,),
            others=tuple(options[1:]),
            source=RP_SOURCE,
        )

    def closed(self, interface: str) -> NotUnderstood | None:
        """An interface whose own switch keeps IPv4 packets that come in by it from being sent on."""
        own = self.get(f"net.ipv4.conf.{dotless(interface)}.forwarding")
        if own is None or own[0] != "0" or not self.forwards(4).value:
            return None
        reason = "packets that come in by it are not forwarded (its own forwarding setting is 0)"
        return NotUnderstood(evidence=own[1], place=interface, family=4, direction="in", reason=reason)

    def timeout(self, row: str, family: Family) -> Fact[int | None]:
        """How long the first fragment waits for the others."""
        name, default = TIMES[row, family]
        found = self.get(name)
        if found is None or not found[0].isdigit():
            return Fact(
                value=default,
                basis=Basis.DEFAULT,
                evidence=(self.head,),
                others=(None,),
                source="Documentation/networking/ip-sysctl.rst",
            )
        return Fact(value=int(found[0]), basis=Basis.READ, evidence=(found[1],))

    def fragments(self, row: str, family: Family) -> Fact[int | None] | None:
        """No number of fragments is too many, save where no memory is allowed for them at all."""
        found = self.get(MEMORY[row, family])
        if found is None or found[0] != "0":
            return None
        return Fact(value=0, basis=Basis.READ, evidence=(found[1],), source=MEMORY_SOURCE)


def dotless(interface: str) -> str:
    """sysctl writes a dot in an interface's name as a slash."""
    return interface.replace(".", "/")


def settings(rows: Rows) -> Settings:
    """All sysctl lines; the last of a name counts."""
    values = {
        row["setting"]: (row["value"].split()[0], row.evidence())
        for row in rows.rows("sysctls")
        if row["value"].split()
    }
    return Settings(values, rows.head)
