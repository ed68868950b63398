"""Laws of end systems: each fact has its document, what has none is open, each page says its cure."""

import pkgutil
from dataclasses import fields
from importlib import import_module
from types import ModuleType

import pytest

import auditor.systems
from auditor.model.evidence import Basis, Fact
from auditor.model.platform import System

MODULES = [import_module(f"auditor.systems.{found.name}") for found in pkgutil.iter_modules(auditor.systems.__path__)]
FOUND = [
    (module, attribute, value)
    for module in MODULES
    for attribute, value in vars(module).items()
    if isinstance(value, System) and not attribute.startswith("_")
]
SYSTEMS = {system.name: system for _, _, system in FOUND}
ROLES = {"ikev2-initiator", "ikev2-responder", "radius-server", "radius-client", "eap-peer"}


def facts(system: System) -> dict[str, Fact[object]]:
    values = {field.name: getattr(system, field.name) for field in fields(system)}
    return {name: value for name, value in values.items() if isinstance(value, Fact)}


def test_names_are_single_and_the_needed_ones_are_there() -> None:
    assert len(SYSTEMS) == len(FOUND)
    needed = {"windows-7", "windows-10-1709", "windows-10-1803", "windows-10-1809", "windows-10-22h2", "windows-11"}
    needed |= {"windows-server-2012-r2", "windows-server-2016", "windows-server-2019", "windows-server-2022"}
    needed |= {"windows-server-2019-fragmentation", "windows-server-2022-fragmentation"}
    needed |= {"strongswan", "libreswan", "freeradius", "nps", "wpa_supplicant", "eapol_test"}
    assert needed <= set(SYSTEMS)


def test_an_attribute_is_named_as_its_system() -> None:
    for module, attribute, system in FOUND:
        if attribute == "SYSTEM":
            assert module.__name__.endswith(f".{system.name}")
        else:
            assert attribute == system.name.replace("-", "_").replace(".", "_").upper()


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=list(SYSTEMS))
def test_each_fact_has_its_document_or_is_open(system: System) -> None:
    assert facts(system)
    for name, fact in facts(system).items():
        assert fact.source, name
        assert len(set(fact.options)) == len(fact.options), name
        if fact.basis.decides:
            assert fact.others == (), name
            assert fact.basis in (Basis.ABSENT, Basis.INFERRED, Basis.DECLARED), name
            assert not fact.source.startswith("no document"), name
        else:
            assert len(fact.options) > 1, name
            assert fact.basis in (Basis.DEFAULT, Basis.ASSUMED), name


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=list(SYSTEMS))
def test_each_system_says_its_cure_and_its_roles(system: System) -> None:
    assert system.fix
    assert system.title
    assert system.roles
    assert set(system.roles) <= ROLES
    if any(role.startswith("ikev2") for role in system.roles):
        assert system.ike_fragmentation is not None
        assert system.df is not None
    if "radius-server" in system.roles:
        assert system.challenge_fragment_size is not None
        assert system.df is not None
    if "eap-peer" in system.roles or "radius-client" in system.roles:
        assert system.eap_fragment_size is not None


@pytest.mark.parametrize("module", MODULES, ids=[module.__name__ for module in MODULES])
def test_each_module_is_a_page_with_a_cure(module: ModuleType) -> None:
    page = module.__doc__ or ""
    assert "**Cure.**" in page or "**RFC 7383.**" in page
    assert len(page.split("\n\n")) >= 3


def test_dont_fragment_is_never_taken_as_always_set() -> None:
    options = {option for system in SYSTEMS.values() if system.df for option in system.df.options}
    assert options == {"false", "pmtud"}


def test_rfc_7383_by_release() -> None:
    decided = {
        name: system.ike_fragmentation.value
        for name, system in SYSTEMS.items()
        if system.ike_fragmentation and system.ike_fragmentation.basis.decides
    }
    assert {name for name, value in decided.items() if value} == {
        "windows-10-1803",
        "windows-10-1809",
        "windows-10-1909",
        "windows-10-22h2",
        "windows-11",
        "windows-server-2019-fragmentation",
        "windows-server-2022-fragmentation",
        "windows-server-2025-fragmentation",
    }
    assert {name for name, value in decided.items() if not value} == {
        "windows-7",
        "windows-8.1",
        "windows-10-1607",
        "windows-10-1709",
        "windows-server-2012-r2",
        "windows-server-2016",
        "windows-server-2019",
    }
    assert fragmentation("strongswan").basis is fragmentation("libreswan").basis is Basis.DEFAULT
    assert fragmentation("strongswan").options == fragmentation("libreswan").options == (True, False)
    assert fragmentation("windows-server-2022").options == (False, True)
    assert fragmentation("windows-server-2025").options == (False, True)


def fragmentation(name: str) -> Fact[bool]:
    fact = SYSTEMS[name].ike_fragmentation
    assert fact is not None
    return fact


def test_the_registry_value_is_told_where_it_helps_and_only_there() -> None:
    value = "-Name EnableServerFragmentation -PropertyType DWord -Value 1"
    assert value in SYSTEMS["windows-server-2019"].fix
    assert value in SYSTEMS["windows-server-2022"].fix
    assert SYSTEMS["windows-server-2016"].fix.startswith("move RRAS")
    assert value not in SYSTEMS["windows-server-2019-fragmentation"].fix
