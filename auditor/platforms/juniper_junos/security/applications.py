"""Applications and sets of them: which protocol and ports a policy's names stand for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from auditor.model.addresses import IntervalSet
from auditor.model.filters import Field, FieldTest
from auditor.platforms.juniper_junos.security.facts import Config
from auditor.platforms.juniper_junos.security.predefined import PINGS, PORTS, PREDEFINED, PROTOCOLS, SETS
from auditor.platforms.juniper_junos.security.tree import Node

# Statements of an application that do not change which packets it is.
_PLAIN = frozenset(
    {"inactivity-timeout", "description", "application-protocol", "alg", "ether-type", "do-not-translate"}
)
_ICMP_NAMES = {"echo-reply": 0, "unreachable": 3, "redirect": 5, "echo-request": 8, "time-exceeded": 11}


@dataclass(frozen=True, slots=True)
class Service:
    """One protocol with its ports. ``protocol`` None: any. ``doubt`` says what is not known of it."""

    protocol: int | None = None
    sources: IntervalSet | None = None
    destinations: IntervalSet | None = None
    tests: tuple[FieldTest, ...] = ()
    doubt: str = ""


ANY = (Service(),)


class Applications:
    """The applications of a config and those that Junos has."""

    def __init__(self, config: Config) -> None:
        self._root = config.root.below.get("applications") or Node(config.head)
        self._found: dict[tuple[str, ...], tuple[Service, ...]] = {}

    def services(self, names: Iterable[str], within: tuple[str, ...] = ()) -> tuple[Service, ...]:
        """What a list of names stands for; ``any`` in it is everything."""
        wanted = tuple(names)
        if "any" in wanted:
            return ANY
        if within:
            return self._all(wanted, within)
        if wanted not in self._found:
            self._found[wanted] = self._all(wanted, within)
        return self._found[wanted]

    def _all(self, wanted: tuple[str, ...], within: tuple[str, ...]) -> tuple[Service, ...]:
        return tuple(dict.fromkeys(one for name in wanted for one in self._named(name, within)))

    def _named(self, name: str, within: tuple[str, ...]) -> tuple[Service, ...]:
        own = self._root.get("application", name)
        if own is not None:
            return tuple(_terms(name, own))
        members = self._root.get("application-set", name)
        if members is not None and name not in within:
            names = (*members.values("application"), *members.values("application-set"))
            return self.services(names, (*within, name))
        if name in PREDEFINED:
            return tuple(Service(protocol, None, ports) for protocol, ports in PREDEFINED[name])
        if name in PINGS:
            protocol, kind = PINGS[name]
            return (Service(protocol, tests=(_icmp(Field.ICMP_TYPE, kind),)),)
        if name in SETS and name not in within:
            return self.services(SETS[name], (*within, name))
        what = "a predefined application that is not known here" if name.startswith("junos-") else "not in the config"
        return (Service(doubt=f"application {name} is {what}"),)


def _terms(name: str, node: Node) -> Iterator[Service]:
    terms = node.get("term")
    if terms is None:
        yield _service(name, node)
        return
    for term in terms.below.values():
        yield _service(name, term)


def _service(name: str, node: Node) -> Service:
    """One application without terms, or one term. ``protocol icmp icmp-type 5`` on one line is a form too."""
    words = dict(_flat(node))
    doubts = [f"{word} of application {name}" for word in words if word not in _PLAIN and word not in _READERS]
    protocol = _protocol(words["protocol"]) if "protocol" in words else None
    if "protocol" in words and protocol is None:
        doubts.append(f"the protocol of application {name}")
    sources, destinations = (_ports(words.get(key)) for key in ("source-port", "destination-port"))
    if sources is False or destinations is False:
        doubts.append(f"the ports of application {name}")
    tests: list[FieldTest] = []
    for key, field in _TESTS.items():
        if key in words:
            number = _number(words[key])
            if number is None:
                doubts.append(f"{key} of application {name}")
            else:
                tests.append(_icmp(field, number))
    return Service(
        protocol,
        sources or None,
        destinations or None,
        tuple(tests),
        f"{doubts[0]} is not understood" if doubts else "",
    )


_TESTS = {"icmp-type": Field.ICMP_TYPE, "icmp-code": Field.ICMP_CODE, "icmp6-type": Field.ICMP_TYPE,
          "icmp6-code": Field.ICMP_CODE}  # fmt: skip
_READERS = frozenset({"protocol", "source-port", "destination-port", *_TESTS})


def _flat(node: Node) -> Iterator[tuple[str, str]]:
    """The settings of an application, in either form; a statement without a value has ""."""
    for statement, _ in node.leaves():
        words = list(statement)
        while words:
            key = words.pop(0)
            yield key, words.pop(0) if words else ""


def _protocol(text: str) -> int | None:
    return int(text) if text.isdigit() and int(text) < 256 else PROTOCOLS.get(text)


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else _ICMP_NAMES.get(text)


def port(text: str) -> int | None:
    """A port by number or name."""
    return int(text) if text.isdigit() and int(text) < 65536 else PORTS.get(text)


def _ports(text: str | None) -> IntervalSet | Literal[False] | None:
    """``500``, ``ike``, ``1024-65535``; False where it is not understood."""
    if text is None:
        return None
    first, dash, last = text.partition("-")
    if dash and first.isdigit() and last.isdigit():
        return IntervalSet.of((int(first), int(last))) or False
    number = port(text)
    return IntervalSet.single(number) if number is not None else False


def _icmp(field: Field, number: int) -> FieldTest:
    return FieldTest(field=field, values=IntervalSet.single(number))
