"""The addresses of interfaces: own, secondary, virtual (HSRP, VRRP, GLBP), borrowed, and those that come from
elsewhere.
"""

from collections.abc import Iterator

from auditor.model.addresses import BITS, Family, parse_address
from auditor.model.device import InterfaceAddress
from auditor.model.evidence import Evidence
from auditor.parse.rows import Row
from auditor.platforms.cisco_ios.addresses import address_and_length, dotted, netmask_length
from auditor.platforms.cisco_ios.blocks import Block, Blocks


class Addressing:
    """All addresses of a config, by interface."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self.unread: list[tuple[str, Evidence]] = []  # lines with an address that makes no sense, by interface
        self.all: dict[str, tuple[InterfaceAddress, ...]] = {block.name: self._own(block) for block in blocks}
        for block in blocks:
            self.all[block.name] += self._borrowed(block)

    def _own(self, block: Block) -> tuple[InterfaceAddress, ...]:
        found = [*self._configured(block), *self._configured6(block)]
        return (*found, *self._virtual(block, found))

    def _configured(self, block: Block) -> list[InterfaceAddress]:
        """``ip address`` lines in order: a new first address takes the place of the old one, ``no`` takes away."""
        found: list[InterfaceAddress] = []
        lines: list[Row] = block.rows("addresses", "removed_addresses")
        cleared = [row.line("no_address") for row in block.parts if "no_address" in row]
        for row in lines:
            if cleared and row.number < cleared[-1] and row.source is block.parts[-1].source:
                continue
            one = self._address(block, row)
            if one is None:
                continue
            if row.group == "removed_addresses":
                found = [old for old in found if (old.address, old.length) != (one.address, one.length)]
            elif one.secondary:
                found.append(one)
            else:
                found = [one, *(old for old in found if old.secondary)]
        return found

    def _address(self, block: Block, row: Row) -> InterfaceAddress | None:
        prefix = row.get("prefix")
        if prefix is not None:
            parsed = address_and_length(prefix)
            if parsed is not None and parsed[0] == 4:
                return _made(4, parsed[1], parsed[2], row)
        else:
            value, mask = dotted(row["address"]), dotted(row["mask"])
            length = None if mask is None else netmask_length(mask)
            if value is not None and length is not None:
                return _made(4, value, length, row)
        self.unread.append((block.name, row.evidence()))
        return None

    def _configured6(self, block: Block) -> Iterator[InterfaceAddress]:
        for row in block.rows("addresses6"):
            words = row.get("words") or ""
            text = row["prefix"]
            if "general" in row or words == "eui-64":
                continue  # the rest comes from a delegated prefix or the hardware: see ``comes_from_elsewhere``
            parsed = address_and_length(text if "/" in text else f"{text}/64")
            if parsed is None or parsed[0] != 6 or words not in ("", "link-local", "anycast"):
                self.unread.append((block.name, row.evidence()))
                continue
            yield _made(6, parsed[1], parsed[2], row)

    def _virtual(self, block: Block, own: list[InterfaceAddress]) -> Iterator[InterfaceAddress]:
        """Addresses that move between routers, each in the subnet of an own one where it lies in one."""
        rows = [(row["address"], row) for row in block.rows("standby")]
        rows += [(row["address"], row) for one in block.rows("vrrp") for row in one.rows("virtual")]
        for text, row in rows:
            try:
                family, value = parse_address(text.partition("/")[0])
            except ValueError:
                self.unread.append((block.name, row.evidence()))
                continue
            if any(a.family == family and a.address == value for a in own):
                continue  # VRRP: the owner's own address
            lengths = [a.length for a in own if a.family == family and _same_subnet(a, value)]
            length = lengths[0] if lengths else BITS[family]
            yield InterfaceAddress(
                family=family,
                address=value,
                length=length,
                evidence=row.evidence(),
                secondary=True,
                shared=True,
            )

    def _borrowed(self, block: Block) -> tuple[InterfaceAddress, ...]:
        """``ip unnumbered X`` sends with X's address; it shares no subnet with anybody."""
        found: list[InterfaceAddress] = []
        for family, field in ((4, "unnumbered"), (6, "unnumbered6")):
            lender = self._lender(block, field)
            if lender is None:
                continue
            for one in self.all.get(lender.name, ()):
                if one.family == family and not one.secondary:
                    bits = BITS[one.family]
                    evidence = block.line(field)
                    found.append(
                        InterfaceAddress(family=one.family, address=one.address, length=bits, evidence=evidence)
                    )
                    break
        return tuple(found)

    def _lender(self, block: Block, field: str) -> Block | None:
        text = block.get(field)
        if text is None:
            return None
        words = text.split()
        return self._blocks.find(text) or (self._blocks.find(words[0]) if words else None)

    def comes_from_elsewhere(self, block: Block) -> Evidence | None:
        """The line by which an address comes that is not in the config."""
        for field in ("dynamic", "dynamic6"):
            if block.get(field) is not None:
                return block.line(field)
        for field in ("unnumbered", "unnumbered6"):
            if block.get(field) is not None and self._lender(block, field) is None:
                return block.line(field)
        for row in block.rows("addresses6"):
            if "general" in row or row.get("words") == "eui-64":
                return row.evidence()
        return None


def _made(family: Family, value: int, length: int, row: Row) -> InterfaceAddress:
    return InterfaceAddress(
        family=family, address=value, length=length, evidence=row.evidence(), secondary="secondary" in row
    )


def _same_subnet(own: InterfaceAddress, value: int) -> bool:
    return (own.address ^ value) >> (BITS[own.family] - own.length) == 0
