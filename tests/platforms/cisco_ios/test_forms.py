"""The forms in which a config of IOS arrives: framing, prompts, banners, certificates, odd blanks, what is cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.model.evidence import Basis
from auditor.model.platform import Canonical
from auditor.parse.detect import scores
from auditor.parse.read import read_device
from auditor.parse.text import read_text
from auditor.platforms.cisco_ios import PLATFORM
from auditor.platforms.cisco_ios.forms import _canonical
from tests.platforms.cisco_ios.reading import END, FINDER, HEAD, device, readable, whole

PORT = "interface GigabitEthernet0/0\n ip address 192.0.2.1 255.255.255.0\n ip mtu 1400\n!\n"


def mtu(text: str | bytes) -> object:
    """The IPv4 MTU of the interface in PORT, and whether the config is whole."""
    found = device(text)
    one = found.interface("GigabitEthernet0/0")
    return None if one is None else (one.mtu[4].value, found.complete)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + PORT + "end\n",
        HEAD + PORT + "end",
        (HEAD + PORT + "end\n").replace("\n", "\r\n"),
        (HEAD + PORT + "end\n").replace("\n ip", "\n\tip"),
        (HEAD + PORT + "end\n").replace("\n ip", "\n\xa0ip"),
        (HEAD + PORT + "end\n").replace("\n ip", "\n   ip"),
        (HEAD + PORT + "end\n").replace("\n", "   \n"),
        "\n\n\n" + HEAD + PORT + "end\n\n\n",
        "!RANCID-CONTENT-TYPE: cisco\n!\n!Chassis type: CISCO2911\n" + HEAD + PORT + "end\n",
        "Building configuration...\n\nCurrent configuration : 800 bytes\n!\n! Last configuration change at 10:00 UTC\n"
        + HEAD
        + PORT
        + "end\n",
        "Using 1234 out of 262136 bytes\n" + HEAD + PORT + "end\n",
        "Load for five secs: 1%/0%; one minute: 1%\nTime source is NTP, 10:00\n" + HEAD + PORT + "end\n",
        "$ show running-config\n" + HEAD + PORT + "end\n",
        "edge1#show running-config\n" + HEAD + PORT + "end\n\nedge1#\n",
        "edge1#sh run\n" + HEAD + PORT + "end\nedge1#exit\n",
        "edge1# show startup-config\n" + HEAD + PORT + "end\nedge1#show ip interface brief\nGi0/0 mtu 9\n",
        "edge1(config)#do show running-config all\n" + HEAD + PORT + "end\n",
        "show running-config\n" + HEAD + PORT + "end\n",
        HEAD + "interface GigabitEthernet0/0\n  ip address 192.0.2.1 255.255.255.0\n  ip mtu 1400\n!\nend\n",
    ],
    ids=range(19),
)
def test_the_same_config_in_many_dresses(text: str) -> None:
    assert mtu(text) == (1400, True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_encodings(encoding: str) -> None:
    text = HEAD + PORT + "end\n"
    if encoding in ("utf-16-le", "utf-16-be"):
        text = "\ufeff" + text
    assert mtu(text.encode(encoding)) == (1400, True)


@pytest.mark.parametrize(
    "banner",
    [
        "banner motd ^C\ninterface GigabitEthernet0/0\n ip mtu 100\n^C",
        "banner motd \x03\ninterface GigabitEthernet0/0\n ip mtu 100\n\x03",
        "banner login #\nend\ninterface GigabitEthernet0/0\n ip mtu 100\n#",
        "banner exec @ one line @",
        "banner motd ^C one line ^C",
        "banner incoming %\n%",
        "banner motd \u00b0C\nip route 0.0.0.0 0.0.0.0 Null0\n\u00b0C",
        "banner login ^CC\n ip mtu 100\n^C",
        "aaa authentication banner X\ninterface GigabitEthernet0/0\n ip mtu 100\nX",
        "banner none",
    ],
)
def test_a_banner_holds_no_config(banner: str) -> None:
    found = device(HEAD + PORT + banner + "\nip route 198.51.100.0 255.255.255.0 192.0.2.9\nend\n")
    one = found.interface("GigabitEthernet0/0")
    assert found.complete
    assert one is not None
    assert one.mtu[4].value == 1400
    assert [route.evidence.text for route in found.routing.routes] == ["ip route 198.51.100.0 255.255.255.0 192.0.2.9"]


def test_a_banner_without_an_end_leaves_the_config_incomplete() -> None:
    assert not device(HEAD + PORT + "banner motd ^C\nno end of it\nend\n").complete


def test_a_certificate_holds_no_config() -> None:
    chain = "crypto pki certificate chain SELF\n certificate self-signed 01\n  30820229 30820192\n  \tquit\n"
    assert mtu(HEAD + chain + PORT + "end\n") == (1400, True)


def test_a_certificate_without_quit() -> None:
    chain = "crypto pki certificate chain SELF\n certificate self-signed 01\n  30820229 30820192\n"
    assert mtu(HEAD + chain + PORT + "end\n") == (1400, True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (HEAD + PORT, "no end"),
        (PORT + "end\n", "neither hostname nor version"),
        (HEAD + PORT + " --More-- \ninterface GigabitEthernet0/1\n ip mtu 1300\n", "a pager, and no end"),
        (HEAD + PORT + "% Invalid input detected at '^' marker.\nend\n", "an error"),
        (HEAD + PORT + "! ...\nend\n", "left out"),
        (HEAD + PORT + "! <snip>\nend\n", "left out"),
        ("edge1#show running-config | section interface\n" + HEAD + PORT + "end\n", "a section"),
        ("edge1#show running-config interface GigabitEthernet0/0\n" + PORT + "end\n", "one interface"),
    ],
)
def test_what_is_cut_is_not_complete(text: str, why: str) -> None:
    found = device(text)
    one = found.interface("GigabitEthernet0/0")
    assert not found.complete, why
    assert one is not None
    assert one.mtu[4].value == 1400


def test_a_pager_is_taken_out_of_a_line() -> None:
    text = HEAD + PORT.replace(" ip mtu", " --More-- \b\b\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b\b ip mtu") + "end\n"
    assert mtu(text) == (1400, True)


def test_the_last_block_of_a_cut_config_may_go_on() -> None:
    found = device(HEAD + PORT.rstrip("!\n"))
    (note,) = found.not_understood
    assert (note.place, note.reason) == ("GigabitEthernet0/0", "the config may end inside this block")
    one = found.interface("GigabitEthernet0/0")
    assert one is not None
    assert one.unreachables[4].basis is Basis.DEFAULT
    assert one.unreachables[4].others == (False,)


def test_a_block_before_others_of_a_cut_config_is_whole() -> None:
    found = device(HEAD + PORT + "router ospf 1\n")
    one = found.interface("GigabitEthernet0/0")
    assert one is not None
    assert one.unreachables[4].basis is Basis.ABSENT
    assert found.forwards[4].basis is Basis.DEFAULT


def test_lines_of_a_list_without_indentation() -> None:
    text = "version 15.7\nhostname edge1\nip access-list extended L\npermit udp any any eq 500\ndeny ip any any\nend\n"
    found = device(text + "interface GigabitEthernet0/0\nip access-group L in\nip mtu 1400\n")
    assert not found.complete
    assert len(found.filters["L"].rules) == 2
    one = found.interface("GigabitEthernet0/0")
    assert one is not None
    assert one.mtu[4].value == 1400
    assert one.bindings[0].filter == "L"


def test_the_last_of_two_configs_in_one_file_does_not_hide_the_first() -> None:
    text = HEAD + PORT + "end\n" + HEAD + PORT.replace("0/0", "0/1").replace("192.0.2.1", "192.0.2.9") + "end\n"
    assert {one.name for one in device(text).interfaces} == {"GigabitEthernet0/0", "GigabitEthernet0/1"}


def test_evidence_names_the_file_and_the_line_of_the_file() -> None:
    text = "Building configuration...\n\nbanner motd ^C\nhello\n^C\n" + HEAD + PORT + "end\n"
    one = device(text, file="configs/a.cfg").interface("GigabitEthernet0/0")
    assert one is not None
    (line,) = one.mtu[4].evidence
    assert (line.file, line.line, line.text) == ("configs/a.cfg", 11, "ip mtu 1400")


@pytest.mark.parametrize("text", ["", "\n\n", "show ip route\nGateway of last resort is not set\n", "hello\n"])
def test_what_holds_no_config_is_not_a_device(text: str) -> None:
    (found,) = read_device("x", [("x.cfg", text.encode())], PLATFORM, {PLATFORM.name: PLATFORM}, FINDER)
    assert found.unreadable


@pytest.mark.parametrize(
    "text",
    [
        "!! IOS XR Configuration 7.3\nhostname r\ninterface GigabitEthernet0/0/0/0\n ipv4 address 10.0.0.1/24\nend\n",
        "!Command: show running-config\nfeature ospf\nhostname r\ninterface Ethernet1/1\n ip address 10.0.0.1/24\n",
        "! device: s1 (DCS-7050, EOS-4.20)\nhostname r\ninterface Ethernet1\n ip address 10.0.0.1/24\n",
        (
            ": Saved\nASA Version 9.8(2)\nhostname r\ninterface GigabitEthernet0/0\n nameif out\n security-level 0\n"
            " ip address 10.0.0.1 255.255.255.0\naccess-group X in interface out\n"
        ),
        "sysname r\ninterface Vlan-interface10\n ip address 10.0.0.1 255.255.255.0\nip route-static 0.0.0.0 0 10.0.0.9",
        "#\nsysname r\n#\ninterface GigabitEthernet0/0/1\n ip address 10.0.0.1 255.255.255.0\n#\nreturn\n",
    ],
    ids=["ios-xr", "nx-os", "eos", "asa", "comware", "vrp"],
)
def test_its_relatives_are_not_taken_for_it(text: str) -> None:
    lines = read_text(text.encode()).lines
    assert scores(lines, {PLATFORM.name: PLATFORM})[PLATFORM.name] <= 0


def test_reading_is_deterministic() -> None:
    text = HEAD + PORT + "ip access-list extended L\n permit ip any any" + END
    assert whole(PORT) == whole(PORT)
    assert readable(device(text)) == readable(device(text))


# ---- entries that are canonical as they stand are taken many at a time: nothing may depend on that


def read_one_by_one(lines: list[str]) -> Canonical:
    """The same with a blank behind each line: then no line is canonical as it stands."""
    return _canonical([f"{line} " for line in lines])


PIECES = st.sampled_from(
    [
        "permit ip any any",
        "deny udp any any eq 500",
        "permit tcp any any established # > ! ^C",
        "permit  ip any  any",
        "permit ip any any\t",
        "permit ip any\tany",
        "permit ip any any\xa0",
        "permit ip any any \xe9",
        "permit",
        "remark permit ip any any",
        "10 permit ip any any",
        "10 deny ip any any fragments",
        "10  deny ip any any",
        "access-list 101 permit ip any any",
        "access-list 101 remark x",
        "access-list 1 deny any",
        "ip access-list extended L",
        "interface GigabitEthernet0/0",
        "ip address 192.0.2.1 255.255.255.0",
        "service instance 1 ethernet",
        "banner motd ^C permit",
        "banner motd #",
        "permit # ip any",
        "certificate self-signed 01",
        "quit",
        "exit",
        "end",
        "!",
        "",
        "edge1#show running-config",
        "edge1#show ip route",
        "--More--",
        "% Invalid input",
        "...",
        "hostname x",
        "version 15.7",
    ]
)
LINES = st.lists(st.builds(lambda blanks, text: " " * blanks + text, st.integers(0, 3), PIECES), max_size=25)


@settings(max_examples=600, deadline=None)
@given(LINES)
def test_many_at_a_time_or_one_by_one(lines: list[str]) -> None:
    assert _canonical(lines) == read_one_by_one(lines)


def test_long_runs_of_entries() -> None:
    lines = [
        "hostname x",
        *(f"access-list 101 permit udp any host 192.0.2.{n} eq 500" for n in range(50)),
        "ip access-list extended L",
        *(f" {n} deny ip any host 192.0.2.{n} fragments" for n in range(50)),
        "  permit ip any any",
        *(f" permit ip any host 192.0.2.{n}" for n in range(50)),
        "end",
        "access-list 101 permit ip any any",
    ]
    read = _canonical(lines)
    assert read == read_one_by_one(lines)
    assert list(read.numbers) == [*range(1, 154), 155]
    assert not read.ended
    assert read.lines[102] == " permit ip any any"
    assert _canonical(lines[:-1]).ended
