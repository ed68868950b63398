"""Kernel settings that decide: whether it forwards, checks sources, and how reassembly is bounded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.model.addresses import Family
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.parse.rows import Rows

MODES = {"0": "off", "1": "strict", "2": "loose"}
STRICT_FIRST = ("off", "strict", "loose")  # by number
RP_SOURCE = "Documentation/networking/ip-sysctl.rst, rp_filter: the larger of conf/all and conf/INTERFACE counts"
NO_RP6_SOURCE = "Documentation/networking/ip-sysctl.rst: there is no such setting for IPv6"
FORWARD = {4: ("net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding"), 6: ("net.ipv6.conf.all.forwarding",)}
# What counts for a packet is, on IPv4, the setting of the interface that it came in by, which the one of all interfaces
# has written over when it was set; on IPv6 that of all, or force_forwarding of the interface (Linux 6.17 and later;
# forwarding of an IPv6 interface makes it a router's in other ways). All measured on Linux 6.18.
FORWARD_SOURCE = {
    4: "net/ipv4/route.c ip_route_input_slow(): IN_DEV_FORWARD(in_dev)",
    6: "net/ipv6/ip6_output.c ip6_forward(): devconf_all->forwarding, idev->cnf.force_forwarding",
}
OWN = {4: re.compile(r"net\.ipv4\.conf\.(.+)\.forwarding"), 6: re.compile(r"net\.ipv6\.conf\.(.+)\.force_forwarding")}
NO_INTERFACE = frozenset(("all", "default", "lo"))
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
    """Every setting that was listed, with its line. ``opened``: by family, the first of an interface that sends on what
    comes in by it.
    """

    values: dict[str, tuple[str, Evidence]]
    head: Evidence
    opened: Mapping[int, Evidence] = field(default_factory=dict)

    def get(self, *keys: str) -> tuple[str, Evidence] | None:
        """The first of these that was listed."""
        return next((self.values[key] for key in keys if key in self.values), None)

    def forwards(self, family: Family) -> Fact[bool]:
        """Whether the host sends on what is not for itself. Not listed, nobody knows (the kernel's default is no)."""
        every, alone = self._of_all(family), self.opened.get(family)
        if every.basis is Basis.READ and not every.value and alone is not None:
            return Fact(value=True, basis=Basis.READ, evidence=(alone,), source=FORWARD_SOURCE[family])
        return every

    def forwards_of(self, family: Family, interface: str) -> Fact[bool] | None:
        """Whether what comes in by an interface is sent on, None where that is as for the whole host."""
        host, fact = self.forwards(family), self._of_all(family)
        own = self.get(f"net.ipv{family}.conf.{dotless(interface)}.{'force_' if family == 6 else ''}forwarding")
        if own is not None and (own[0] != "0" or family == 4):
            fact = Fact(value=own[0] != "0", basis=Basis.READ, evidence=(own[1],), source=FORWARD_SOURCE[family])
        return None if (fact.basis, fact.value) == (host.basis, host.value) else fact

    def _of_all(self, family: Family) -> Fact[bool]:
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
    opened: dict[int, Evidence] = {}
    for name, (value, evidence) in values.items():
        for family, pattern in OWN.items():
            own = pattern.fullmatch(name) if value != "0" else None
            if own and own[1] not in NO_INTERFACE:
                opened.setdefault(family, evidence)
    return Settings(values, rows.head, opened)
