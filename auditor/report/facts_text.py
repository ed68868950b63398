"""The facts of devices for people, in 100 columns."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from auditor.model.addresses import address_text
from auditor.model.device import Device, Interface, Routing, Speaker
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import Filter
from auditor.report.facts_parts import met_in, translates
from auditor.report.groups import place
from auditor.report.lines import capped, counted, hanging, labelled, listed
from auditor.report.packets import ranges_text
from auditor.report.shown import shown

MOST = 40  # interfaces and filters of one device
MOST_WORDS = 6  # names in one line
MOST_LINES = 200  # lines that were not understood, of one device


def facts_text(devices: Iterable[Device], unclaimed: Iterable[tuple[str, str]] = ()) -> str:
    """The facts of devices for people."""
    lines: list[str] = []
    for device in devices:
        lines += [*_device(device), ""]
    files = list(unclaimed)
    if files:
        lines.append(f"Files that are no device's config: {len(files)}")
        for file, reason in files:
            lines += hanging("  ", f"{shown(file)}: {shown(reason)}")
    if not lines:
        lines = ["There is no device."]
    return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"


def _device(device: Device) -> Iterator[str]:
    version = f", version {shown(device.version)}" if device.version else ""
    yield from hanging("", f"{shown(device.name)}  ({shown(device.platform)}{version})")
    whole = "complete" if device.complete else "not complete"
    yield from labelled("config", f"{shown(device.config)}, {counted(device.lines, 'line')}, {whole}")
    yield from labelled("sha256", device.sha256 or "none")
    if device.collected:
        yield from labelled("date", shown(device.collected))
    if device.unreadable:
        yield from labelled("unread", shown(device.unreadable))
        return
    for family, fact in sorted(device.forwards.items()):
        yield from labelled("forwards", f"IPv{family}: {fact_text(fact)}")
    yield from _section("interfaces", [[*_interface(one)] for one in device.interfaces])
    yield from _section("filters", [[*_filter(device, n, f)] for n, f in device.filters.items()])
    yield from _fragments(device)
    yield from _routes(device.routing)
    for speaker in device.speakers:
        yield from _speaker(speaker)
    yield from _not_understood(device)


def _section(title: str, blocks: Sequence[Sequence[str]]) -> Iterator[str]:
    if not blocks:
        return
    yield f"  {title}"
    first, rest = capped(blocks, MOST)
    for block in first:
        yield from block
    if rest:
        yield f"    {rest}"


def fact_text(fact: Fact[object]) -> str:
    """A fact with its basis, where no line states it, and the line, where one does."""
    words = value_text(fact.value)
    if fact.basis is not Basis.READ:
        others = f", or {', '.join(value_text(other) for other in fact.others)}" if fact.others else ""
        words += f"{others} ({fact.basis}{': ' + shown(fact.source) if fact.source else ''})"
    elif fact.source:
        words += f" ({shown(fact.source)})"
    return words + _at(fact.evidence)


def value_text(value: object) -> str:
    """A value in a word."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "no bound" if value is None else shown(str(value))


def _at(evidence: Sequence[Evidence]) -> str:
    return f" [{place(evidence[0])}]" if evidence else ""


def _interface(one: Interface) -> Iterator[str]:
    names = f" ({', '.join(shown(name) for name in one.resolves_by)})" if one.resolves_by else ""
    words = [] if one.enabled else ["shut down"]
    words += [one.kind] if one.kind != "ethernet" else []
    words += [f"VRF {shown(one.vrf)}"] if one.vrf != "default" else []
    words += [f"zone {shown(one.zone)}"] if one.zone else []
    yield from hanging(
        "    ", f"{shown(one.name)}{names}{': ' if words else ''}{', '.join(words)}{_at((one.evidence,))}"
    )
    addresses = [
        f"{address_text(a.family, a.address)}/{a.length}{' shared' if a.shared else ''}" for a in one.addresses
    ]
    addresses += ["dynamic"] if one.dynamic_address else []
    if addresses:
        yield from labelled("address", listed(addresses, MOST_WORDS), 6)
    for label, family, fact in _limits(one):
        yield from labelled(label, f"IPv{family}: {fact_text(fact)}" if family else fact_text(fact), 6)
    for binding in one.bindings:
        purpose = f" for {binding.purpose}" if binding.purpose != "access" else ""
        text = f"{shown(binding.filter)} {binding.direction}, IPv{binding.family}{purpose}{_at((binding.evidence,))}"
        yield from labelled("filter", text, 6)
    if one.tunnel is not None:
        tunnel = one.tunnel
        far = "unknown" if tunnel.destination is None else address_text(tunnel.family, tunnel.destination)
        said = f"{shown(tunnel.mode)} to {far}, adds {fact_text(tunnel.overhead)}, DF {fact_text(tunnel.outer_df)}"
        yield from labelled("tunnel", said + (", encrypts" if tunnel.protected else ""), 6)


def _limits(one: Interface) -> Iterator[tuple[str, int, Fact[object]]]:
    for family, fact in _alike(one.mtu):
        yield "mtu", family, fact
    if one.receive_mtu is not None:
        yield "takes in", 0, one.receive_mtu
    for family, check in sorted(one.source_check.items()):
        if check.value != "off":
            yield "source", family, check
    for family, forwards in sorted(one.forwards.items()):
        yield "forwards", family, forwards
    for family, sends in sorted(one.unreachables.items()):
        if sends.value is not True:
            yield "errors", family, sends


def _alike(found: Mapping[int, Fact[int | None]]) -> list[tuple[int, Fact[int | None]]]:
    """The MTUs per family, once where both are the same fact."""
    facts = sorted(found.items())
    return [(0, facts[0][1])] if len(facts) == 2 and facts[0][1] == facts[1][1] else facts


def _filter(device: Device, name: str, one: Filter) -> Iterator[str]:
    entries = "named and not in the config" if one.missing else _entries(len(one.rules))
    what = f"{shown(one.kind)} {shown(one.name)}: {entries}{', NAT' if translates(one) else ''}{_at((one.evidence,))}"
    yield from hanging("    ", what)
    bound = [f"{shown(i.name)} {b.direction}" for i in device.interfaces for b in i.bindings if b.filter == name]
    bound += [shown(text) for text in met_in(device, name)]
    if bound:
        yield from labelled("bound", listed(dict.fromkeys(bound), MOST_WORDS), 6)
    if not one.missing:
        yield from labelled("no ports", fact_text(one.headerless), 6)


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"


def _fragments(device: Device) -> Iterator[str]:
    if device.fragment_policies or device.reassembly:
        yield "  fragments"
    for policy in device.fragment_policies:
        where = shown(policy.interface) if policy.interface else "every interface"
        exempt = f", not from {ranges_text(policy.family, policy.exempt)}" if policy.exempt is not None else ""
        head = (
            f"{shown(policy.name)}: {policy.action} ({policy.hits}) on {where} {policy.direction}, IPv{policy.family}"
        )
        yield from hanging("    ", f"{head}{exempt}; in force: {fact_text(policy.in_force)}")
    for row in device.reassembly:
        where = shown(row.interface) if row.interface else "every interface"
        name = f" ({shown(row.name)})" if row.name else ""
        head = f"{row.kind} reassembly{name} on {where} {row.direction}, IPv{row.family}: {fact_text(row.active)}"
        limits = ((row.fragments, "most fragments"), (row.sets, "most datagrams"), (row.timeout, "seconds"))
        said = [f"{words} {fact_text(fact)}" for fact, words in limits if fact is not None and fact.value is not None]
        yield from hanging("    ", "; ".join([head, *said]))


def _routes(routing: Routing) -> Iterator[str]:
    kinds = sorted(Counter(route.protocol for route in routing.routes).items())
    told = ", ".join(f"{number} {shown(kind)}" for kind, number in kinds)
    whole = [f"IPv{family}" for family, complete in sorted(routing.complete.items()) if complete]
    text = f"{len(routing.routes)}{' (' + told + ')' if told else ''}, " + (
        f"all of them for {' and '.join(whole)}" if whole else "others may exist"
    )
    yield from labelled("routes", text)
    for label, lines in (("dynamic", routing.elsewhere), ("rules", routing.rules)):
        first, rest = capped(lines, MOST_WORDS)
        for one in first:
            yield from labelled(label, f"{place(one)}  {shown(one.text.strip())}")
        if rest:
            yield from labelled("", rest)


def _speaker(one: Speaker) -> Iterator[str]:
    where = f" from {shown(one.interface)}" if one.interface else ""
    peers = [ranges_text(peer.family, peer.addresses) for peer in one.peers]
    auth = f", {shown(one.auth)}" if one.auth else ""
    yield from labelled(
        "speaks", f"{one.kind}{where}{auth} to {listed(peers, MOST_WORDS) or 'nobody'}{_at((one.evidence,))}"
    )
    for words, fact in (
        ("IKE fragmentation", one.ike_fragmentation),
        ("IKE fragment size", one.ike_fragment_size),
        ("DF", one.df),
    ):
        if fact is not None:
            yield from labelled("", f"{words}: {fact_text(fact)}")


def _not_understood(device: Device) -> Iterator[str]:
    if not device.not_understood:
        yield from labelled("lines", "every line that matters was understood")
        return
    yield f"  not understood: {counted(len(device.not_understood), 'line')}"
    first, rest = capped(device.not_understood, MOST_LINES)
    for line in first:
        where = [shown(line.place)] if line.place else []
        where += [shown(line.reason)] if line.reason else []
        about = f"  ({', '.join(where)})" if where else ""
        yield from hanging("    ", f"{place(line.evidence)}  {shown(line.evidence.text.strip())}{about}")
    if rest:
        yield f"    {rest}"
