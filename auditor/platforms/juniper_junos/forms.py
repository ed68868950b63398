"""The written forms of a Junos config, in braces and as `set` commands, to one canonical form.

A canonical line is the words of one leaf statement, as after ``set``: one value a line, without what is inactive, with
what groups and interface ranges give.
"""

from collections.abc import Sequence
from types import MappingProxyType

from auditor.model.platform import Canonical, Form
from auditor.platforms.juniper_junos.inherit import Inheritance, ranges
from auditor.platforms.juniper_junos.statements import read

_LOOKED_AT = 400


def _is_set(lines: Sequence[str]) -> bool:
    return any(line.startswith(("set ", "deactivate ")) for line in lines[:_LOOKED_AT])


def _any(_: Sequence[str]) -> bool:
    return True


def canonical(lines: Sequence[str]) -> Canonical:
    """The canonical lines of a text."""
    reading = read(lines)
    found = ranges(Inheritance(reading.found).run())
    return Canonical(
        lines=[" ".join(one.words) for one in found],
        numbers=[one.line for one in found],
        parents=MappingProxyType({at: one.parents for at, one in enumerate(found) if one.parents}),
        broken=tuple(reading.broken),
    )


FORMS = (
    Form(name="set commands", recognises=_is_set, canonical=canonical),
    Form(name="braces", recognises=_any, canonical=canonical),
)
