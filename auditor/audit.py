"""The corridor: calls the rooms in order. A folder becomes devices, these become paths, traces, verdicts, a report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path as FilePath

from auditor import inventory, registry
from auditor.conversations import flow_verdicts
from auditor.judge.summary import device_summary, summary, unknowns
from auditor.model.device import Device, Routing
from auditor.model.findings import SEVERITY_ORDER, Finding, FlowVerdict, Report, Unknown, Verdict
from auditor.model.flows import Flow, Host, Inventory
from auditor.model.platform import nothing_read
from auditor.model.rule import Case, Examined
from auditor.parse.read import TemplateFinder, read_device
from auditor.parse.text import read_text
from auditor.simulate.examine import examine
from auditor.simulate.match import Evaluator
from auditor.simulate.walk import Walk
from auditor.topology import Topology
from auditor.version import __version__

EXAMINED_PIECES = 2_000  # pieces into which a list may cut all addresses, where no flow narrows them

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line narrows or moves. ``flows`` and ``devices`` are names, none: all.

    Without ``with_paths`` the paths.yaml is not opened: what asks for devices alone works while one is being written.
    Without ``with_remedies`` none are looked for, for what does not show them.
    """

    configs: FilePath | None = None
    paths: FilePath | None = None
    templates: FilePath | None = None
    flows: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    data: tuple[tuple[str, str], ...] = ()
    max_age: timedelta | None = None
    with_paths: bool = True
    with_remedies: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """An inventory with its devices read. ``unclaimed`` are files that are no device's config, with the reason."""

    inventory: Inventory
    devices: Mapping[str, Device]
    unclaimed: tuple[tuple[str, str], ...]
    folder: FilePath = FilePath()
    options: Options = Options()

    def lines(self, device: str, file: str) -> Sequence[str] | None:
        """The lines of one of the files of a device, None for one that it does not have."""
        host = self._host(device)
        found = dict(inventory.read_configs(self.folder, host)) if host else {}
        return read_text(found[file]).lines if file in found else None

    def _host(self, device: str) -> Host | None:
        """The host that a device is, or is one of several of (``HOST/NAME``)."""
        hosts = self.inventory.hosts
        return hosts.get(device) or hosts.get(device.split("/", maxsplit=1)[0])

    def edited(self, device: str, file: str, commands: Sequence[str]) -> Device | None:
        """The device with commands entered into one of its files, read anew; None where they can't be entered."""
        host = self._host(device)
        platform = registry.platforms().get(self.devices[device].platform)
        lines = self.lines(device, file)
        if host is None or platform is None or platform.curing is None or lines is None:
            return None
        entered = platform.curing().enter(lines, commands)
        if entered is None:
            return None
        text = "\n".join(entered).encode() + b"\n"
        files = [(name, text if name == file else data) for name, data in inventory.read_configs(self.folder, host)]
        read = read_device(host.name, files, platform, registry.platforms(), TemplateFinder(self.options.templates))
        routing, _ = inventory.read_routes(self.folder, host)
        return next((_routed(one, routing) for one in read if one.name == device and not one.unreadable), None)


def load(folder: FilePath, options: Options = Options(), progress: Progress = lambda _: None) -> Loaded:
    """Reads an inventory folder and the configs of its devices. Raises AuditError for what makes a run impossible."""
    platforms = registry.platforms()
    aliases = {alias: p.name for p in platforms.values() for alias in (p.name, *p.aliases)}
    found = inventory.load(
        folder,
        configs=options.configs,
        paths=options.paths,
        aliases=aliases,
        systems=registry.systems().keys(),
        with_paths=options.with_paths,
    )
    finder = TemplateFinder(options.templates)
    devices: dict[str, Device] = {}
    unclaimed = list(found.unclaimed)
    for host in _wanted(found, options):
        progress(f"reading {host.name}")
        read = _read(folder, host, finder, options.max_age)
        if found.bare and all(device.unreadable for device in read):
            unclaimed += [(file, read[0].unreadable) for file in host.configs]
            continue
        devices.update((device.name, device) for device in read)
    return Loaded(inventory=found, devices=devices, unclaimed=tuple(unclaimed), folder=folder, options=options)


def _wanted(found: Inventory, options: Options) -> list[Host]:
    """All hosts, or those that the options name: on the path of a flow others may stand, so flows need all."""
    if found.flows or not (options.devices or options.data):
        return list(found.hosts.values())
    return [host for host in found.hosts.values() if _chosen(host, options)]


def _chosen(host: Host, options: Options) -> bool:
    named = not options.devices or host.name in options.devices
    return named and all(str(host.data.get(key)) == value for key, value in options.data)


def _read(folder: FilePath, host: Host, finder: TemplateFinder, max_age: timedelta | None) -> tuple[Device, ...]:
    """The device or devices of a host. What can't be read is a device too, which says why."""
    platforms = registry.platforms()
    if host.unsupported:
        reason = f"no template reads the platform {host.platform}"
        return (nothing_read(host.name, host.platform or "", next(iter(host.configs), ""), reason),)
    platform = platforms[host.platform] if host.platform else None
    devices = read_device(host.name, inventory.read_configs(folder, host), platform, platforms, finder)
    routing, _ = inventory.read_routes(folder, host)
    return tuple(_dated(_routed(device, routing), host.collected, max_age) for device in devices)


def _routed(device: Device, collected: Routing) -> Device:
    """The device with the routes that were collected from it, which stand for all that its config does not hold."""
    if not collected.routes and not any(collected.complete.values()):
        return device
    own = device.routing
    merged = replace(own, routes=(*own.routes, *collected.routes), complete=collected.complete, elsewhere=())
    return replace(device, routing=merged)


def _dated(device: Device, collected: str | None, max_age: timedelta | None) -> Device:
    """The device with its config's date; unreadable where the date is too old or not known and one is asked for."""
    when = collected or device.collected
    device = replace(device, collected=when)
    if max_age is None or device.unreadable:
        return device
    if when is None:
        return replace(device, unreadable="the date of its config is not known, and --max-age asks for one")
    moment = datetime.fromisoformat(when)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if datetime.now(tz=UTC) - moment > max_age:
        return replace(device, unreadable=f"its config is of {when}, older than --max-age allows")
    return device


def audit(loaded: Loaded, options: Options = Options(), progress: Progress = lambda _: None) -> Report:
    """The whole audit: verdicts of the flows, findings of the rules; without flows, what devices do by themselves."""
    found = loaded.inventory
    topology = Topology(loaded.devices)
    walk = Walk(loaded.devices)
    verdicts = []
    for flow in chosen_flows(found, options):
        progress(f"flow {flow.name}")
        verdicts.append(flow_verdicts(flow, found.endpoints, topology, walk))
    verdicts, left_out = _with_remedies(loaded, verdicts, options, progress)
    examined: list[Examined] = []
    too_large: list[tuple[str, object]] = []
    if not found.has_paths:
        alone = Walk(loaded.devices, Evaluator(EXAMINED_PIECES))
        for device in loaded.devices.values():
            progress(f"device {device.name}")
            losses, large = examine(alone, device)
            examined += losses
            too_large += large
    case = Case(
        flows=tuple(verdicts),
        devices=loaded.devices,
        examined=tuple(examined),
        unlike=topology.unlike_links(),
        too_large=tuple(too_large),  # type: ignore[arg-type]
    )
    return Report(
        version=__version__,
        inventory=found.folder,
        flows=tuple(verdicts),
        findings=tuple(findings(case)),
        unknowns=unknowns(case, with_paths=found.has_paths),
        devices=tuple(device_summary(device) for device in loaded.devices.values()),
        notes=(*found.notes, *(f"{file}: {reason}" for file, reason in loaded.unclaimed), *left_out),
        has_paths=found.has_paths,
        summary=summary(verdicts),
    )


def _with_remedies(
    loaded: Loaded, verdicts: list[FlowVerdict], options: Options, progress: Progress
) -> tuple[list[FlowVerdict], tuple[str, ...]]:
    """The verdicts, those that break with their remedies, and what to say of those for which none were looked for. A
    change is tried on all flows that were judged.
    """
    if not options.with_remedies or not any(one.verdict is Verdict.BREAKS for one in verdicts):
        return verdicts, ()
    from auditor.cures import Clinic

    judged = {one.name: one for one in verdicts}
    clinic = Clinic(
        flows={flow.name: flow for flow in loaded.inventory.flows if flow.name in judged},
        endpoints=loaded.inventory.endpoints,
        devices=loaded.devices,
        verdicts=judged,
        edit=loaded.edited,
        lines=loaded.lines,
    )
    progress("remedies")
    return [clinic.remedies_of(one.name) for one in verdicts], clinic.notes()


def chosen_flows(found: Inventory, options: Options) -> Sequence[Flow]:
    """The flows that the options name; all without."""
    return [
        flow
        for flow in found.flows
        if not options.flows or flow.name in options.flows or flow.name.split("/")[0] in options.flows
    ]


def findings(case: Case) -> list[Finding]:
    """The findings of all rules, the worst first."""
    found = [one for rule in registry.rules().values() for one in rule.find(case)]
    return sorted(found, key=_rank)


def _rank(one: Finding) -> tuple[int, str, str, list[tuple[str, int]]]:
    places = [(evidence.file, evidence.line) for evidence in one.evidence]
    return SEVERITY_ORDER.index(one.severity), one.rule, one.device, places


__all__ = ["Loaded", "Options", "Unknown", "audit", "chosen_flows", "findings", "load"]
