"""What is supported, made from the registries: ``platforms``, ``systems`` and ``rules``, as lists and as long pages."""

from collections.abc import Iterable, Iterator, Sequence

from auditor.model.evidence import Fact
from auditor.model.findings import SEVERITY_ORDER
from auditor.model.platform import Platform, System
from auditor.model.rule import Rule
from auditor.report import document, values
from auditor.report.document import Json
from auditor.report.facts_text import fact_text
from auditor.report.lines import hanging, labelled
from auditor.report.shown import escaped
from auditor.report.table import grid


def _text(lines: Iterable[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"


# ------------------------------------------------------------------------------------------------ platforms


def platforms_json(found: Iterable[Platform]) -> str:
    """``fragaudit.platforms/1`` as text."""
    return document.text(platforms_dict(found))


def platforms_dict(found: Iterable[Platform]) -> dict[str, Json]:
    """``fragaudit.platforms/1``."""
    return {**document.head("platforms"), "platforms": [_platform(one) for one in found]}


def _platform(one: Platform) -> dict[str, Json]:
    return {
        "name": escaped(one.name),
        "title": escaped(one.title),
        "aliases": [escaped(alias) for alias in one.aliases],
        "forms": [escaped(form.name) for form in one.forms],
        "template": escaped(one.template),
        "napalm": one.napalm,
        "netmiko": one.netmiko,
        "shows": [escaped(show) for show in one.shows],
        "held_against": [escaped(what) for what in one.held_against],
        "harmless": [
            {"place": escaped(line.place), "pattern": escaped(line.pattern), "reason": escaped(line.reason)}
            for line in one.harmless
        ],
    }


def platforms_text(found: Iterable[Platform]) -> str:
    """All platforms, a row each."""
    rows = [
        (escaped(one.name), escaped(one.title), ", ".join(escaped(form.name) for form in one.forms), _others(one))
        for one in found
    ]
    return _text(grid(rows, ("platform", "what", "forms", "also called"), (18, 26, 22, 28)))


def _others(one: Platform) -> str:
    return ", ".join(escaped(alias) for alias in one.aliases)


def platform_page(one: Platform) -> str:
    """The long page of a platform."""
    lines = [*hanging("", f"{escaped(one.name)}: {escaped(one.title)}"), ""]
    for label, text in (
        ("aliases", _others(one)),
        ("forms", ", ".join(escaped(form.name) for form in one.forms)),
        ("template", escaped(one.template)),
        ("napalm", escaped(one.napalm or "none")),
        ("netmiko", escaped(one.netmiko or "none")),
        ("commands", ", ".join(escaped(show) for show in one.shows)),
    ):
        if text:
            lines += labelled(label, text, 0)
    lines += ["", "Held against", *_items(one.held_against), "", "Lines that can't decide, and why"]
    for line in one.harmless:
        lines += hanging("  ", f"{escaped(line.place) or 'top level'}: {escaped(line.pattern)}")
        lines += hanging("      ", escaped(line.reason))
    return _text(lines)


def _items(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from hanging("  ", escaped(text))
    if not texts:
        yield "  nothing"


# ------------------------------------------------------------------------------------------------ systems

_FACTS = (
    ("ike_fragmentation", "RFC 7383"),
    ("ike_fragment_size", "size of IKE fragments, bytes of IP datagram"),
    ("df", "sets Don't Fragment"),
    ("eap_fragment_size", "EAP fragments that it sends, bytes of TLS data"),
    ("challenge_fragment_size", "EAP packets in an Access-Challenge, bytes"),
    ("request_attributes", "further attributes of an Access-Request, bytes"),
    ("challenge_attributes", "further attributes of an Access-Challenge, bytes"),
)


def systems_json(found: Iterable[System]) -> str:
    """``fragaudit.systems/1`` as text."""
    return document.text(systems_dict(found))


def systems_dict(found: Iterable[System]) -> dict[str, Json]:
    """``fragaudit.systems/1``."""
    return {**document.head("systems"), "systems": [_system(one) for one in found]}


def _system(one: System) -> dict[str, Json]:
    return {
        "name": escaped(one.name),
        "title": escaped(one.title),
        "roles": [escaped(role) for role in one.roles],
        **{name: _fact(getattr(one, name)) for name, _ in _FACTS},
        "fix": escaped(one.fix),
        "notes": [escaped(note) for note in one.notes],
    }


def _fact(found: Fact[Json] | None) -> Json:
    return None if found is None else values.fact(found)


def systems_text(found: Iterable[System]) -> str:
    """All systems, a row each."""
    rows = [
        (escaped(one.name), escaped(one.title), ", ".join(escaped(role) for role in one.roles), _fragments(one))
        for one in found
    ]
    return _text(grid(rows, ("system", "what", "roles", "RFC 7383"), (33, 30, 17, 14)))


def _fragments(one: System) -> str:
    fact = one.ike_fragmentation
    if fact is None:
        return ""
    return ("yes" if fact.value else "no") + ("" if fact.basis.decides else f" ({fact.basis})")


def system_page(one: System) -> str:
    """The long page of a system."""
    lines = [*hanging("", f"{escaped(one.name)}: {escaped(one.title)}"), ""]
    lines += labelled("roles", ", ".join(escaped(role) for role in one.roles), 0)
    for name, words in _FACTS:
        fact: Fact[Json] | None = getattr(one, name)
        if fact is not None:
            lines += ["", f"{words}:", *hanging("  ", fact_text(fact))]
    if one.fix:
        lines += ["", "Fix", *hanging("  ", escaped(one.fix))]
    if one.notes:
        lines += ["", "Notes", *_items(one.notes)]
    return _text(lines)


# ------------------------------------------------------------------------------------------------ rules


def rules_json(found: Iterable[Rule]) -> str:
    """``fragaudit.rules/1`` as text."""
    return document.text(rules_dict(found))


def rules_dict(found: Iterable[Rule]) -> dict[str, Json]:
    """``fragaudit.rules/1``."""
    return {**document.head("rules"), "rules": [_rule(one) for one in found]}


def _rule(one: Rule) -> dict[str, Json]:
    return {
        "name": escaped(one.name),
        "severity": one.severity,
        "summary": escaped(one.summary),
        "cure": escaped(one.cure),
        "page": _page(one.page),
    }


def _page(page: str) -> str:
    """A docstring with its lines kept and everything else escaped."""
    return "\n".join(escaped(line) for line in page.strip().splitlines())


def rules_text(found: Iterable[Rule]) -> str:
    """All rules, a row each, the worst first."""
    worst = sorted(found, key=lambda one: SEVERITY_ORDER.index(one.severity))
    rows = [(one.severity, escaped(one.name), escaped(one.summary)) for one in worst]
    return _text(grid(rows, ("severity", "rule", "what"), (8, 32, 54)))


def rule_page(one: Rule) -> str:
    """The long page of a rule."""
    return _text(
        [
            *hanging("", f"{escaped(one.name)} ({one.severity}): {escaped(one.summary)}"),
            "",
            *(line for paragraph in _paragraphs(one.page) for line in (*hanging("", paragraph), "")),
            *labelled("do", escaped(one.cure), 0),
        ]
    )


def _paragraphs(page: str) -> Iterator[str]:
    """The paragraphs of a docstring, each in one line, without its marks of emphasis."""
    for paragraph in page.strip().split("\n\n"):
        yield escaped(" ".join(paragraph.split())).replace("**", "").replace("``", "`")
