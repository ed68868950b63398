"""What may come in by an interface and leave by another: access-groups, and what holds without one.

- Access rules look at the real addresses (ASA 8.3 and later), in both directions: Cisco ASA Series Firewall CLI
  Configuration Guide, "Access Rules": "use the real address".
- With an inbound or a global list the implicit deny stands at its end; an interface's own list is met before the global
  one, and with both the deny stands behind the global one (same guide, "Implicit Deny", "Inbound and Outbound Rules").
- Without one, IPv4 and IPv6 traffic from a higher to a lower security level passes, from a lower to a higher does not
  (same guide, "Implicit Permits"; ASA General Operations, "Security Levels").
- Interfaces of one level exchange nothing, and nothing leaves by the interface it came in by, unless
  ``same-security-traffic permit inter-interface`` or ``intra-interface`` stands there (same, "Allowing Same Security
  Level Communication"; Cisco document 71342). Whether a list may permit it without is told both ways
  (networklessons.com, "ASA security levels": it may): both are tried.
- What comes out of a VPN meets no interface's list unless ``no sysopt connection permit-vpn`` (Cisco ASA Command
  Reference, "sysopt connection permit-vpn": enabled by default).
- What belongs to a connection meets no list (networklessons.com, "ASA packet processing algorithm"). ICMP errors belong
  to it with ``inspect icmp error`` alone (Cisco ASA Command Reference, "inspect icmp error"); else lists judge them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.model.addresses import IntervalSet
from auditor.model.device import Binding
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import (
    CONNECTION_STATES,
    DROP,
    PERMIT,
    Action,
    Field,
    FieldTest,
    Filter,
    Headerless,
    InterfaceTest,
    Rule,
    Verb,
)
from auditor.parse.rows import Row
from auditor.platforms.cisco_asa.config import Block, Config
from auditor.platforms.cisco_asa.entries import FAMILIES
from auditor.platforms.cisco_asa.lists import HEADERLESS, AccessLists

WHOLE_LIST: Fact[Headerless] = HEADERLESS
_STATES = {name: number for number, name in enumerate(CONNECTION_STATES)}
_ICMP = IntervalSet.of((1, 1), (58, 58))


@dataclass(slots=True)
class Access:
    """The filters that are made, and which interface is bound to which."""

    config: Config
    lists: AccessLists
    filters: dict[str, Filter] = field(default_factory=dict)
    groups: dict[tuple[str, str], list[Row]] = field(default_factory=dict)  # by direction and nameif ("": global)
    control: dict[str, Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.config.rows.rows("access_groups"):
            if "direction" not in row:
                self.groups.setdefault(("global", ""), []).append(row)
            elif "control-plane" in (row.get("words") or ""):
                self.control[row["nameif"]] = row
            else:
                self.groups.setdefault((row["direction"], row["nameif"]), []).append(row)

    def bindings(self, block: Block) -> Iterator[Binding]:
        """The filters of an interface, by the names of what they stand for."""
        into = self.groups.get(("in", block.nameif)) or self.groups.get(("global", ""))
        out = self.groups.get(("out", block.nameif))
        first = into[0].evidence() if into else block.line("level")
        for family in FAMILIES:
            yield Binding(filter=self._into(block), family=family, direction="in", evidence=first)
            if out:
                name = self._out(block, out)
                yield Binding(filter=name, family=family, direction="out", evidence=out[0].evidence())

    # -------------------------------------------------------------------------------------------------------- filters

    def _into(self, block: Block) -> str:
        rows = [*self.groups.get(("in", block.nameif), ()), *self.groups.get(("global", ""), ())]
        name = f"into {block.nameif}"
        if name in self.filters:
            return name
        rules = [*self._related(block), *self._levels(block), *self._from_vpn(block)]
        rules += [rule for row in rows for rule in self._jump(row)]
        if not rows:
            rules += self._implicit(block)
        end = rows[-1].evidence() if rows else block.line("level")
        self._add(name, rules, end)
        return name

    def _out(self, block: Block, rows: list[Row]) -> str:
        name = f"out of {block.nameif}"
        if name not in self.filters:
            rules = [*self._related(block), *self._from_vpn(block), *(rule for row in rows for rule in self._jump(row))]
            self._add(name, rules, rows[-1].evidence())
        return name

    def control_plane(self, block: Block) -> str | None:
        """What may reach the device itself; without a list of its own all may (Cisco: access rules do not control
        what is for the ASA itself).
        """
        row = self.control.get(block.nameif)
        icmp = [r for r in self.config.rows.rows("own_icmp") if _last(r) == block.nameif]
        if row is None and not icmp:
            return None
        name = f"to the device by {block.nameif}"
        why = "icmp lines choose which ICMP messages the device takes in"
        rules = [Rule(action=DROP, evidence=one.evidence(), protocol=_ICMP, uncertain=why) for one in icmp[:1]]
        if row is not None:
            rules += self._jump(row)
        self._add(
            name, rules, row.evidence() if row is not None else icmp[0].evidence(), PERMIT if row is None else DROP
        )
        return name

    def _add(self, name: str, rules: list[Rule], end: Evidence, otherwise: Action = DROP) -> None:
        self.filters[name] = Filter(
            name=name,
            rules=tuple(rules),
            otherwise=otherwise,
            otherwise_evidence=end,
            evidence=end,
            headerless=WHOLE_LIST,
            kind="access",
        )

    def _jump(self, row: Row) -> list[Rule]:
        if row["list"] in self.lists:
            return [Rule(action=Action(verb=Verb.JUMP, target=row["list"]), evidence=row.evidence())]
        words = f"is judged by {row['list']}, which the config does not hold"
        return [Rule(action=Action(verb=Verb.DOUBT, words=words, transforms=False), evidence=row.evidence())]

    def _related(self, block: Block) -> Iterator[Rule]:
        """What belongs to a connection."""
        states = [_STATES["established"]] + ([_STATES["related"]] if self._errors_inspected() else [])
        test = FieldTest(field=Field.CONNECTION, values=IntervalSet.of(*((one, one) for one in states)))
        yield Rule(action=PERMIT, evidence=block.evidence, tests=(test,))

    def _from_vpn(self, block: Block) -> Iterator[Rule]:
        """What came out of a VPN tunnel interface meets no list, unless ``no sysopt connection permit-vpn``."""
        said = self.config.text("permit_vpn")
        tunnels = tuple(one.name for one in self.config.blocks if one.nameif and one.name.lower().startswith("tunnel"))
        if tunnels and said != "no":
            sure = said == "yes" or self.config.complete
            yield Rule(
                action=PERMIT,
                evidence=next(iter(self.config.line("permit_vpn")), block.evidence),
                ingress=InterfaceTest(names=tunnels),
                uncertain="" if sure else "whether sysopt connection permit-vpn is off is not known",
            )

    def _errors_inspected(self) -> bool:
        return any(
            row["inspect"] == "icmp error"
            for policy in self.config.rows.rows("inspections")
            for one in policy.rows("classes")
            for row in one.rows("inspects")
        )

    def _levels(self, block: Block) -> Iterator[Rule]:
        """What interfaces of one level don't exchange."""
        permitted = {row["traffic"] for row in self.config.rows.rows("same_levels")}
        same = tuple(
            one.name for one in self.config.blocks if one.nameif and one.level == block.level and one.name != block.name
        )
        if "inter-interface" not in permitted and same:
            listed = ("in", block.nameif) in self.groups or ("global", "") in self.groups
            why = "the texts disagree on whether a list can permit what goes between interfaces of one security level"
            there = InterfaceTest(names=same)
            yield Rule(action=DROP, evidence=block.line("level"), egress=there, uncertain=why if listed else "")
        if "intra-interface" not in permitted:
            yield Rule(action=DROP, evidence=block.evidence, egress=InterfaceTest(names=(block.name,)))

    def _implicit(self, block: Block) -> Iterator[Rule]:
        """Without a list: to a lower level (or the same, where that is permitted) all passes."""
        lower = tuple(one.name for one in self.config.blocks if one.nameif and one.level <= block.level)
        yield Rule(action=PERMIT, evidence=block.line("level"), egress=InterfaceTest(names=lower))


def _last(row: Row) -> str:
    text = next(iter(row.as_dict().values()), "")
    return str(text).split()[-1]


SOURCE_UNREACHABLES = (
    'Cisco ASA Firewall CLI Configuration Guide, "icmp unreachable rate-limit": such messages are sent, one a second'
)


def unreachables() -> Fact[bool]:
    """Whether the ASA tells the sender of what it can't send on: no command switches it off."""
    return Fact(value=True, basis=Basis.INFERRED, source=SOURCE_UNREACHABLES)
