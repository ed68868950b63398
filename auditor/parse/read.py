"""The parse room's door: the files of one device become a Device. Nothing here knows a vendor."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from auditor.model.device import Device
from auditor.model.evidence import Evidence
from auditor.model.platform import Canonical, Harmless, Platform, nothing_read
from auditor.parse.detect import detect, scores
from auditor.parse.engine import Matched, Template, match
from auditor.parse.rows import Leftover, Many, Rows, Source
from auditor.parse.text import Text, read_text

Files = Sequence[tuple[str, bytes]]  # name relative to the inventory folder, content


def read_device(
    name: str,
    files: Files,
    platform: Platform | None,
    platforms: Mapping[str, Platform],
    template: "TemplateFinder",
) -> tuple[Device, ...]:
    """The device that these files describe, or the devices (contexts). ``platform`` is None where it is to be detected.

    What can't be read is a device too, with ``unreadable`` saying why. Raises TemplateError for a broken template.
    """
    first = files[0][0] if files else ""
    wanted = platform.name if platform else ""
    if not files:
        return (nothing_read(name, wanted, "", "there is no config file of it"),)
    texts = [(file, read_text(data)) for file, data in files]
    for file, text in texts:
        if text.problem:
            return (nothing_read(name, wanted, file, text.problem),)
    lines = [line for _, text in texts for line in text.lines]
    if platform is None:
        found = detect(lines, platforms)
        if found is None:
            return (nothing_read(name, "", first, "no platform recognises the text"),)
        platform = platforms[found]
    elif scores(lines, {platform.name: platform})[platform.name] <= 0:
        other = detect(lines, platforms)
        hint = f"; it looks like {other}" if other else ""
        return (nothing_read(name, platform.name, first, f"the text is not that of {platform.name}{hint}"),)
    digest = hashlib.sha256(b"\0".join(data for _, data in files)).hexdigest()
    return platform.devices(read_rows(name, texts, platform, template(platform.template), digest))


class TemplateFinder:
    """Finds and compiles a platform's template, the user's folder first."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def __call__(self, name: str) -> Template:
        from auditor.parse.engine import load
        from auditor.registry import template

        return load(template(name, self.folder))


def read_rows(
    name: str, texts: Sequence[tuple[str, Text]], platform: Platform, template: Template, digest: str = ""
) -> Rows:
    """Runs the platform's form and template over each file."""
    tops: dict[str, Many] = {}
    leftovers: list[Leftover] = []
    broken: list[Evidence] = []
    sources: list[Source] = []
    ends: list[bool | None] = []
    for file, text in texts:
        source = Source(file, text.lines)
        sources.append(source)
        canonical = _canonical(platform, text.lines)
        matched = match(template, canonical, source)
        for group, rows in matched.tops.items():
            tops.setdefault(group, Many()).extend(rows)
        leftovers += _leftovers(matched, canonical, source, platform)
        broken += [source.evidence(number) for number, _ in canonical.broken]
        ends.append(canonical.ended)
    return Rows(
        name,
        tuple(sources),
        tops,
        tuple(leftovers),
        False not in ends and not broken,
        tuple(broken),
        digest,
        platform.name,
    )


def _canonical(platform: Platform, lines: Sequence[str]) -> Canonical:
    form = next((form for form in platform.forms if form.recognises(lines)), platform.forms[-1])
    return form.canonical(lines)


def _leftovers(matched: Matched, canonical: Canonical, source: Source, platform: Platform) -> list[Leftover]:
    """What was not taken and isn't harmless; what stands below a harmless line is harmless with it."""
    found: list[Leftover] = []
    spared = -1  # the level of the harmless line that the following deeper lines belong to
    previous = -1
    for index, owner in matched.leftovers:
        line = canonical.lines[index]
        level = len(line) - len(line.lstrip(" "))
        if spared >= 0 and level > spared and index == previous + 1:
            previous = index
            continue
        spared, previous = -1, index
        if _is_harmless(platform, owner.group, line.strip()):
            spared = level
            continue
        found.append(Leftover(source, canonical.numbers[index], line, owner))
    relevant = _alternation(platform.relevant)
    for index in matched.unwanted:
        line = canonical.lines[index]
        if relevant.search(line) and not _is_harmless(platform, "", line):
            found.append(Leftover(source, canonical.numbers[index], line, None))
    return found


def _is_harmless(platform: Platform, place: str, line: str) -> bool:
    return any(pattern.match(line) for pattern in _harmless(platform.harmless, place))


@lru_cache(maxsize=256)
def _harmless(kinds: tuple[Harmless, ...], place: str) -> tuple[re.Pattern[str], ...]:
    here = [kind.pattern for kind in kinds if kind.place in (place, "*") and (place or kind.place == "")]
    return (re.compile("|".join(f"(?:{pattern})" for pattern in here)),) if here else ()


@lru_cache(maxsize=64)
def _alternation(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)")
