"""Reports that every form must be able to write."""

from collections.abc import Callable
from types import MappingProxyType

import pytest

from auditor.model.addresses import IntervalSet
from auditor.model.evidence import Basis
from auditor.model.findings import Dependence, Report, Unknown, Verdict
from auditor.model.paths import DeadEnd, Doubt
from auditor.model.trace import Region
from tests.report import build
from tests.report.build import flow, message, path, path_verdict, report


def with_thousands() -> Report:
    """Thousands of drops, ranges, flows, findings, notes and lines."""
    scattered = build.region(IntervalSet.of(*((at, at) for at in range(0, 6000, 2))))
    lines = [build.evidence(f"deny udp host 192.0.2.{n % 256} any", n + 1) for n in range(2000)]
    drops = [build.drop(build.loss(lines=(line,)), n) for n, line in enumerate(lines)]
    drops[0] = build.drop(drops[0].loss, 0, affected=scattered)
    on = path(build.hop("edge1"))
    many = flow(
        "many",
        path_verdict(
            "many/4/forward/1", on, message(Verdict.BREAKS, on=on, drops=tuple(drops), decided_by=tuple(lines))
        ),
        closed_to=tuple(f"198.51.100.{n % 256} source ports {n}" for n in range(3000)),
        declared=tuple(f"thing {n}" for n in range(1500)),
    )
    alike = [flow(f"radius/sw{n}", *build.breaking().paths, closed_to=()) for n in range(300)]
    passing = [flow(f"fine/sw{n}", *build.passing().paths) for n in range(100)]
    return report(
        many,
        *alike,
        *passing,
        findings=[build.finding("later-fragments-open", f"sw{n}", lines[n], severity="note") for n in range(500)],
        unknowns=tuple(Unknown(device=f"sw{n}", reason="not read", evidence=tuple(lines[:50])) for n in range(100)),
        devices=tuple(build.device(f"sw{n}", 100, n) for n in range(300)),
        notes=tuple(f"note {n}" for n in range(100)),
    )


def odd() -> Report:
    """What is rare: no paths, a dead end, IPv6, a drop that is not certain, values without lines."""
    over_tls = flow("tls", verdict=Verdict.PASSES, reason="RADIUS over TLS runs on TCP: there is no datagram to judge")
    nowhere = flow("nowhere", verdict=Verdict.UNKNOWN, reason="there is no path")
    clients = IntervalSet.of((1 << 120, (1 << 120) + 9))
    six = path(build.hop("edge6"), family=6, dead_end=DeadEnd(device="edge6", reason="null route", evidence=()))
    part = build.region(clients)
    server = IntervalSet.single(1 << 121)
    asked = Region(clients=clients, client_ports=part.client_ports, servers=server, server_ports=part.server_ports)
    maybe = build.loss("edge6", certain=False, why="the address is not known", lines=(), interface=None)
    dependence = Dependence(
        fact="what it does to fragments",
        device="isp",
        basis=Basis.UNKNOWN,
        verdicts=MappingProxyType({"pass": Verdict.PASSES, "drop": Verdict.BREAKS}),
    )
    doubt = Doubt(device="edge6", reason="it encrypts", transforms=True)
    ends = [build.ending((), region=asked, losses=(maybe,), doubts=(doubt,), complete=False, family=6)]
    sent = message(
        Verdict.UNKNOWN,
        on=six,
        asked=asked,
        endings=ends,
        drops=(build.drop(maybe, affected=asked),),
        doubts=(doubt,),
        depends_on=(dependence,),
    )
    uncertain = flow("six", path_verdict("six/6/forward/1", six, sent), depends_on=(dependence,), inferred=("a thing",))
    return report(over_tls, nowhere, uncertain)


REPORTS: dict[str, Callable[[], Report]] = {
    "example": build.example,
    "without_paths": build.without_paths,
    "empty": report,
    "empty_without_paths": lambda: report(has_paths=False),
    "odd": odd,
    "thousands": with_thousands,
    "hostile": lambda: build.poisoned(build.example()),
    "hostile_without_paths": lambda: build.poisoned(build.without_paths()),
}


@pytest.fixture(params=REPORTS)
def any_report(request: pytest.FixtureRequest) -> Report:
    make: Callable[[], Report] = REPORTS[request.param]
    return make()
