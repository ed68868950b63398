"""What the SRX tests share: a config of set commands made into what ``secure`` gives."""

from auditor.model.device import Interface
from auditor.model.evidence import Evidence
from auditor.platforms.juniper_junos.security import Secured, Statement, secure

FILE = "srx.conf"


def statements(text: str) -> list[Statement]:
    """The statements of set commands, one a line."""
    found: list[Statement] = []
    for number, line in enumerate(text.strip().splitlines(), 1):
        words = line.split()
        if words[:1] == ["set"]:
            found.append((tuple(words[1:]), Evidence(file=FILE, line=number, text=line.strip())))
    return found


def interfaces(*names: str) -> tuple[Interface, ...]:
    """Interfaces of these names."""
    return tuple(Interface(name=name, evidence=Evidence(file=FILE, line=1, text=name)) for name in names)


def secured(text: str, *names: str, complete: bool = True) -> Secured:
    """The SRX part of a config; the interfaces are ge-0/0/0.0 and ge-0/0/1.0 unless named."""
    made = interfaces(*(names or ("ge-0/0/0.0", "ge-0/0/1.0")))
    found = secure(statements(text), made, head=Evidence(file=FILE, line=1, text="set"), complete=complete)
    assert found is not None
    return found


ZONES = """
set security zones security-zone untrust interfaces ge-0/0/0.0
set security zones security-zone trust interfaces ge-0/0/1.0
"""
