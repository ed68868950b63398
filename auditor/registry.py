"""The catalogue: platforms, systems, rules and report forms, found by entry point and loaded only when asked for."""

from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import TemplateError, UsageError

if TYPE_CHECKING:
    from auditor.model.platform import Platform, System
    from auditor.model.rule import Rule

# Ours are named here, so that a run need not search every installed package's metadata; the same names stand as entry
# points in pyproject.toml (a test holds both equal), where other people's packages add theirs.
OURS: dict[str, dict[str, str]] = {
    "fragaudit.platforms": {
        "cisco_asa": "auditor.platforms.cisco_asa:PLATFORM",
        "cisco_ios": "auditor.platforms.cisco_ios:PLATFORM",
        "juniper_junos": "auditor.platforms.juniper_junos:PLATFORM",
        "linux": "auditor.platforms.linux:PLATFORM",
    },
    "fragaudit.systems": {
        "eapol_test": "auditor.systems.wpa_supplicant:EAPOL_TEST",
        "freeradius": "auditor.systems.freeradius:SYSTEM",
        "libreswan": "auditor.systems.libreswan:SYSTEM",
        "nps": "auditor.systems.nps:SYSTEM",
        "strongswan": "auditor.systems.strongswan:SYSTEM",
        "windows-10-1607": "auditor.systems.windows_client:WINDOWS_10_1607",
        "windows-10-1709": "auditor.systems.windows_client:WINDOWS_10_1709",
        "windows-10-1803": "auditor.systems.windows_client:WINDOWS_10_1803",
        "windows-10-1809": "auditor.systems.windows_client:WINDOWS_10_1809",
        "windows-10-1909": "auditor.systems.windows_client:WINDOWS_10_1909",
        "windows-10-22h2": "auditor.systems.windows_client:WINDOWS_10_22H2",
        "windows-11": "auditor.systems.windows_client:WINDOWS_11",
        "windows-7": "auditor.systems.windows_client:WINDOWS_7",
        "windows-8.1": "auditor.systems.windows_client:WINDOWS_8_1",
        "windows-server-2012-r2": "auditor.systems.windows_server:WINDOWS_SERVER_2012_R2",
        "windows-server-2016": "auditor.systems.windows_server:WINDOWS_SERVER_2016",
        "windows-server-2019": "auditor.systems.windows_server:WINDOWS_SERVER_2019",
        "windows-server-2019-fragmentation": "auditor.systems.windows_server:WINDOWS_SERVER_2019_FRAGMENTATION",
        "windows-server-2022": "auditor.systems.windows_server:WINDOWS_SERVER_2022",
        "windows-server-2022-fragmentation": "auditor.systems.windows_server:WINDOWS_SERVER_2022_FRAGMENTATION",
        "windows-server-2025": "auditor.systems.windows_server:WINDOWS_SERVER_2025",
        "windows-server-2025-fragmentation": "auditor.systems.windows_server:WINDOWS_SERVER_2025_FRAGMENTATION",
        "wpa_supplicant": "auditor.systems.wpa_supplicant:SYSTEM",
    },
    "fragaudit.rules": {
        "first-try-lost": "auditor.judge.rules.first_try_lost:RULE",
        "fragment-denied": "auditor.judge.rules.fragment_denied:RULE",
        "fragment-limit-exceeded": "auditor.judge.rules.fragment_limit_exceeded:RULE",
        "fragment-not-translated": "auditor.judge.rules.fragment_not_translated:RULE",
        "fragment-setting-dormant": "auditor.judge.rules.fragment_setting_dormant:RULE",
        "fragments-dropped-by-setting": "auditor.judge.rules.fragments_dropped_by_setting:RULE",
        "hop-not-known": "auditor.judge.rules.hop_not_known:RULE",
        "icmp-error-dropped": "auditor.judge.rules.icmp_error_dropped:RULE",
        "ike-fragmentation-off": "auditor.judge.rules.ike_fragmentation_off:RULE",
        "large-packet-denied": "auditor.judge.rules.large_packet_denied:RULE",
        "later-fragments-open": "auditor.judge.rules.later_fragments_open:RULE",
        "mtu-differs-on-link": "auditor.judge.rules.mtu_differs_on_link:RULE",
        "no-policy-between-zones": "auditor.judge.rules.no_policy_between_zones:RULE",
        "no-way-on": "auditor.judge.rules.no_way_on:RULE",
        "non-initial-fragment-denied": "auditor.judge.rules.non_initial_fragment_denied:RULE",
        "non-initial-fragment-unmatched": "auditor.judge.rules.non_initial_fragment_unmatched:RULE",
        "opaque-hop-drops": "auditor.judge.rules.opaque_hop_drops:RULE",
        "packet-too-big": "auditor.judge.rules.packet_too_big:RULE",
        "path-differs-from-routing": "auditor.judge.rules.path_differs_from_routing:RULE",
        "small-datagram-denied": "auditor.judge.rules.small_datagram_denied:RULE",
        "small-mtu": "auditor.judge.rules.small_mtu:RULE",
        "ways-split": "auditor.judge.rules.ways_split:RULE",
    },
}


def _catalogue(kind: str) -> dict[str, str]:
    """Name to ``module:attribute`` of everything installed of that kind; ours last, so that nobody shadows them."""
    from importlib.metadata import entry_points

    found = {point.name: point.value for point in entry_points(group=kind)}
    return {**found, **OURS[kind]}


def _load(reference: str) -> object:
    module, _, attribute = reference.partition(":")
    return getattr(import_module(module), attribute)


@lru_cache(maxsize=1)
def platforms() -> "dict[str, Platform]":
    """Every platform by its name, in alphabetical order. Their mappers are not imported by this."""
    from auditor.model.platform import Platform

    found = {name: _load(reference) for name, reference in sorted(_catalogue("fragaudit.platforms").items())}
    wrong = [name for name, platform in found.items() if not isinstance(platform, Platform)]
    if wrong:
        raise UsageError(f"the entry point {wrong[0]!r} in fragaudit.platforms gives no Platform")
    return {name: platform for name, platform in found.items() if isinstance(platform, Platform)}


@lru_cache(maxsize=1)
def systems() -> "dict[str, System]":
    """Every end system by its name, in alphabetical order."""
    from auditor.model.platform import System

    found = {name: _load(reference) for name, reference in sorted(_catalogue("fragaudit.systems").items())}
    wrong = [name for name, system in found.items() if not isinstance(system, System)]
    if wrong:
        raise UsageError(f"the entry point {wrong[0]!r} in fragaudit.systems gives no System")
    return {name: system for name, system in found.items() if isinstance(system, System)}


@lru_cache(maxsize=1)
def rules() -> "dict[str, Rule]":
    """Every rule by its name, in alphabetical order."""
    from auditor.model.rule import Rule

    found = {name: _load(reference) for name, reference in sorted(_catalogue("fragaudit.rules").items())}
    wrong = [name for name, rule in found.items() if not isinstance(rule, Rule)]
    if wrong:
        raise UsageError(f"the entry point {wrong[0]!r} in fragaudit.rules gives no Rule")
    return {name: rule for name, rule in found.items() if isinstance(rule, Rule)}


def template(name: str, folder: Path | None = None) -> Path:
    """The template file of a platform: the user's own folder first, then ours (in the wheel, or in the repository)."""
    here = Path(__file__).parent
    places = [*([folder] if folder else []), here / "templates", here.parent / "templates"]
    for place in places:
        path = place / f"{name}.ttp"
        if path.is_file():
            return path
    raise TemplateError(f"no template {name}.ttp in {', '.join(str(place) for place in places)}")
