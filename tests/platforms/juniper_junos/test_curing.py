"""Remedies of Junos: the printed commands, in configs in braces and in set commands."""

import pytest

from auditor.model.addresses import parse_prefix
from auditor.model.evidence import Evidence
from auditor.model.remedies import PermitFragments, RaiseLimit, TakeAway
from auditor.platforms.juniper_junos.curing import enter, statements, write

BRACES = """\
firewall {
    family inet {
        filter EDGE {
            term vpn {
                from {
                    protocol udp;
                    port [ 500 4500 ];
                }
                then accept;
            }
            term rest {
                then discard;
            }
        }
    }
}
security {
    flow {
        fragment-limit 2;
    }
    screen {
        ids-option UNTRUST {
            ip {
                block-frag;
                tear-drop;
            }
        }
    }
}
""".splitlines()
SET = [f"set {path}" for _, path in statements(BRACES) if not path.endswith(("EDGE", "inet", "term vpn", "term rest"))]
SET = [line for line in SET if line.split()[-1] in ("udp", "]", "accept", "discard", "2", "block-frag", "tear-drop")]
DESTINATION = parse_prefix("203.0.113.10/32")[1]


def line(lines: list[str], words: str) -> Evidence:
    at = next(at for at, one in enumerate(lines) if words in one)
    return Evidence(file="configs/fw.conf", line=at + 1, text=lines[at].strip())


def paths(lines: list[str]) -> list[str]:
    return [path for _, path in statements(lines)]


@pytest.mark.parametrize("lines", [BRACES, SET], ids=["braces", "set"])
def test_a_screen_option_goes(lines: list[str]) -> None:
    commands = write(TakeAway(line=line(lines, "block-frag")), lines)
    assert commands is not None
    assert commands.lines == ("delete security screen ids-option UNTRUST ip block-frag",)
    assert commands.side_effects
    after = enter(lines, commands.lines)
    assert after is not None
    assert [path for path in paths(lines) if path not in paths(after)] == [
        "security screen ids-option UNTRUST ip block-frag"
    ]


@pytest.mark.parametrize("lines", [BRACES, SET], ids=["braces", "set"])
def test_a_limit_rises(lines: list[str]) -> None:
    commands = write(RaiseLimit(line=line(lines, "fragment-limit"), fragments=24), lines)
    assert commands is not None
    after = enter(lines, commands.lines)
    assert after is not None
    assert "security flow fragment-limit 24" in paths(after)
    assert "security flow fragment-limit 2" not in paths(after)


@pytest.mark.parametrize("lines", [BRACES, SET], ids=["braces", "set"])
def test_a_term_stands_before_the_one_that_discards(lines: list[str]) -> None:
    fix = PermitFragments(family=4, line=line(lines, "discard"), sources=None, destinations=DESTINATION)
    commands = write(fix, lines)
    assert commands is not None
    assert commands.lines[-1] == (
        "insert firewall family inet filter EDGE term fragaudit-later-fragments before term rest"
    )
    after = enter(lines, commands.lines)
    assert after is not None
    terms = [path.split(" term ")[1].split()[0] for path in paths(after) if " term " in path]
    assert list(dict.fromkeys(terms)) == ["vpn", "fragaudit-later-fragments", "rest"]
    assert any("is-fragment" in path for path in paths(after))
    assert write(fix, after) is None  # it is there already


def test_what_it_has_no_words_for() -> None:
    assert write(TakeAway(line=line(BRACES, "tear-drop")), BRACES) is None
    assert write(RaiseLimit(line=line(BRACES, "block-frag"), fragments=9), BRACES) is None
    six = PermitFragments(family=6, line=line(BRACES, "discard"), sources=None, destinations=None)
    assert write(six, BRACES) is None
