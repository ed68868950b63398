"""The rows of an ASA config to a device of the model."""

from collections.abc import Iterator
from types import MappingProxyType

from auditor.model.device import Binding, Device, NotUnderstood
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import PERMIT, Action, Filter, InterfaceTest, Rule, Verb
from auditor.parse.rows import Rows
from auditor.platforms.cisco_asa.access import Access
from auditor.platforms.cisco_asa.config import Block, Config
from auditor.platforms.cisco_asa.contexts import contexts
from auditor.platforms.cisco_asa.entries import Reader
from auditor.platforms.cisco_asa.fragments import KIND_SOURCE, KINDS, kind_known, reassembly
from auditor.platforms.cisco_asa.interfaces import addresses, interface, not_understood, own_addresses
from auditor.platforms.cisco_asa.lists import HEADERLESS, AccessLists
from auditor.platforms.cisco_asa.nat import DESTINATION, SOURCE, WAY_BACK, Nat, Translator
from auditor.platforms.cisco_asa.objects import Objects
from auditor.platforms.cisco_asa.pipelines import Features, pipelines
from auditor.platforms.cisco_asa.routes import routing
from auditor.platforms.cisco_asa.speakers import speakers
from auditor.platforms.cisco_asa.vpn import Vpn

CONTROL_PLANE = "control-plane"
# Leftovers in these blocks are told where the block is used: by the rules that name it.
_USED_BY_NAME = frozenset({"networks", "services", "groups"})


def devices(rows: Rows) -> tuple[Device, ...]:
    """The device of a config, or those of its security contexts."""
    return tuple(_Builder(Config(one)).device() for one in contexts(rows))


class _Builder:
    """Puts a device together."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.objects = Objects(config.rows)
        self.lists = AccessLists(config, Reader(self.objects, own_addresses(config, self.objects)))
        self.access = Access(config, self.lists)
        self.vpn = Vpn(config, self.lists, self.objects)
        self.routes, self.unread_routes = routing(config, self.objects)

    def device(self) -> Device:
        rows = self.config.rows
        own = {block.nameif: addresses(block, self.objects) for block in self.config.blocks if block.nameif}
        nat = Translator(self.config, self.objects, own).nat
        interfaces = tuple(
            interface(self.config, block, self.objects, tuple(self._bindings(block)) if block.nameif else ())
            for block in self.config.blocks
        )
        control = self._control_plane()
        features = Features(
            destination=DESTINATION if nat.filters else None,
            source=SOURCE if nat.filters else None,
            way_back=WAY_BACK if nat.filters else None,
            control_plane=control.name if control else None,
            kind=None if kind_known(self.config) else self._kind(),
        )
        made = {control.name: control} if control else {}
        return Device(
            name=rows.name,
            platform=rows.platform,
            config=rows.sources[0].file,
            sha256=rows.sha256,
            lines=rows.line_count,
            complete=rows.complete,
            head=rows.head,
            version=self.config.text("version") or "",
            hostname=self.config.text("hostname") or "",
            collected=rows.collected,
            interfaces=interfaces,
            filters=MappingProxyType(
                {**self.lists.filters, **self.access.filters, **self.vpn.filters, **nat.filters, **made}
            ),
            routing=self.routes,
            reassembly=reassembly(self.config),
            pipelines=pipelines(features),
            speakers=speakers(self.config, self.objects),
            nat_addresses=MappingProxyType(nat.addresses),
            not_understood=(*self._not_understood(nat), *self.unread_routes),
        )

    def _kind(self) -> Fact[str]:
        first = next((block.evidence for block in self.config.blocks if block.nameif), self.config.rows.head)
        return Fact(value=KINDS[0], basis=Basis.ASSUMED, evidence=(first,), others=KINDS[1:], source=KIND_SOURCE)

    def _bindings(self, block: Block) -> Iterator[Binding]:
        yield from self.access.bindings(block)
        yield from self.vpn.bindings(block)

    def _control_plane(self) -> Filter | None:
        """One filter that calls, by interface, what judges packets for the device itself."""
        rules: list[Rule] = []
        for block in self.config.blocks:
            name = self.access.control_plane(block) if block.nameif else None
            if name is not None:
                target = Action(verb=Verb.GOTO, target=name)
                evidence = self.access.filters[name].evidence
                rules.append(Rule(action=target, evidence=evidence, ingress=InterfaceTest(names=(block.name,))))
        if not rules:
            return None
        return Filter(
            name=CONTROL_PLANE,
            rules=tuple(rules),
            otherwise=PERMIT,
            evidence=rules[0].evidence,
            headerless=HEADERLESS,
            kind="access",
        )

    def _not_understood(self, nat: Nat) -> Iterator[NotUnderstood]:
        for block in self.config.blocks:
            yield from not_understood(self.config, block, self.objects)
        for evidence in nat.unread:
            yield NotUnderstood(evidence=evidence, reason="a NAT rule is not understood")
        for left in self.config.rows.leftovers:
            group = left.owner.group if left.owner is not None else ""
            if group == "interfaces":
                continue
            owner = left.owner.get("name") or "" if left.owner is not None else ""
            yield NotUnderstood(evidence=left.evidence, place=f"object {owner}" if group in _USED_BY_NAME else "")
        yield from self._whole()

    def _whole(self) -> Iterator[NotUnderstood]:
        """What makes the device another kind of thing than what is modelled."""
        for evidence in self.config.line("transparent"):
            yield NotUnderstood(evidence=evidence, reason="a transparent firewall is not followed")
        version = self.config.version
        if version is not None and version < (8, 3):
            reason = "before 8.3 access lists and NAT work otherwise"
            yield NotUnderstood(evidence=_first(self.config.line("version"), self.config), reason=reason)
        if version is not None and (8, 3) <= version < (9, 0):
            line, reason = _first(self.config.line("version"), self.config), "before 9.0 IPv6 has lists of its own"
            yield NotUnderstood(evidence=line, family=6, reason=reason)
        for row in self.config.rows.rows("contexts"):
            yield NotUnderstood(evidence=row.evidence(), reason="the configs of the contexts are elsewhere")


def _first(lines: tuple[Evidence, ...], config: Config) -> Evidence:
    return lines[0] if lines else config.rows.head
