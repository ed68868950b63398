"""Whatever stands in the folder: one clear sentence and exit code 2, or an honest ``unknown``. Never a traceback, and
never ``passes`` for what was not read.
"""

import json
import os
import random
import stat
from pathlib import Path

import pytest

from tests.cli.harness import (
    BREAKING,
    DENY_LINE,
    EXAMPLE,
    HOSTS,
    PASSING,
    PATHS,
    TAIL,
    folder,
    reasons,
    refused,
    report,
    run,
    run_apart,
    verdict,
)
from tests.cli.wrong_platforms import TEXTS


def noise(size: int = 4000) -> bytes:
    return random.Random(7).randbytes(size)


def test_the_two_folders_are_what_they_say(tmp_path: Path) -> None:
    """What follows changes these two: the one passes, the other breaks at its line."""
    assert verdict(folder(tmp_path / "fine", PASSING)) == "passes"
    assert lines_of_drops(folder(tmp_path / "broken", BREAKING)) == {("configs/r1.cfg", DENY_LINE)}


def lines_of_drops(place: Path) -> set[tuple[str, int]]:
    (flow,) = report(place)["flows"]
    assert flow["verdict"] == "breaks"
    return {
        (evidence["file"], evidence["line"])
        for path in flow["paths"]
        for message in path["messages"]
        for drop in message["drops"]
        for evidence in drop["evidence"]
    }


# ------------------------------------------------------------------------------------------------------ what is no text


NO_CONFIG = {
    "empty": (b"", "the file is empty"),
    "blanks": (b" \n\n\t\n", "the file is empty"),
    "bom alone": (b"\xef\xbb\xbf", "the file is empty"),
    "noise": (noise(), "the file is not text"),
    "a program": (b"\x7fELF\x02\x01\x01" + bytes(2000), "the file is not text"),
    "zeros": (bytes(300), "the file is not text"),
    "zeros in every line": (PASSING.encode().replace(b"\n", b"\0\n"), "the file is not text"),
    "a config and noise": (PASSING.encode() + noise(), "the file is not text"),
    "UTF-16 without its mark": (PASSING.encode("utf-16-le"), "the file is not text"),
    "comments alone": (b"! nothing\n!\n", "the text is not that of cisco_ios"),
    "prose": (b"The config is on the other disk.\n", "the text is not that of cisco_ios"),
    "HTML": (b"<html><body>404 Not Found</body></html>\n", "the text is not that of cisco_ios"),
    "ends of lines of an old Mac": (PASSING.encode().replace(b"\n", b"\r"), "the text is not that of cisco_ios"),
}


@pytest.mark.parametrize("kind", NO_CONFIG)
def test_what_is_no_config_is_unknown_and_said(tmp_path: Path, kind: str) -> None:
    data, reason = NO_CONFIG[kind]
    found = report(folder(tmp_path, data))
    assert found["flows"][0]["verdict"] == "unknown"
    assert any(one.startswith(reason) for one in reasons(found)), reasons(found)
    (unknown,) = (one for one in found["unknowns"] if one["reason"].startswith(reason))
    assert (unknown["device"], unknown["evidence"][0]["file"]) == ("r1", "configs/r1.cfg")


@pytest.mark.parametrize("kind", NO_CONFIG)
@pytest.mark.parametrize("command", ["audit", "facts", "flows", "graph"])
def test_no_command_fails_of_it(tmp_path: Path, command: str, kind: str) -> None:
    done = run(command, folder(tmp_path, NO_CONFIG[kind][0]))
    assert done.code == 0
    assert "r1" in done.out or command == "flows"


# ------------------------------------------------------------------------------------------------------- how it is kept


KEPT = {
    "UTF-16, little end first": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "UTF-16, big end first": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-8 with its mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "Latin-1": lambda text: text.replace("upstream", "Zürich, naïve").encode("latin-1"),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CRLF twice": lambda text: text.replace("\n", "\r\r\n").encode(),
    "no end of the last line": lambda text: text.rstrip("\n").encode(),
    "blanks behind": lambda text: text.replace("\n", "  \n").encode(),
}


@pytest.mark.parametrize("kind", KEPT)
def test_every_way_to_keep_a_config_gives_the_same_lines(tmp_path: Path, kind: str) -> None:
    assert verdict(folder(tmp_path / "fine", KEPT[kind](PASSING))) == "passes"
    assert lines_of_drops(folder(tmp_path / "broken", KEPT[kind](BREAKING))) == {("configs/r1.cfg", DENY_LINE)}


def test_a_cut_in_the_middle_of_a_sign_of_utf16_is_no_end(tmp_path: Path) -> None:
    data = b"\xff\xfe" + PASSING.encode("utf-16-le")
    assert verdict(folder(tmp_path, data + b"e")) != "passes"
    assert verdict(folder(tmp_path, data[:-3])) in ("unknown", "at-risk")


# ------------------------------------------------------------------------------------------------------------ cut short

LINES = PASSING.splitlines(keepends=True)


@pytest.mark.parametrize("middle", [False, True], ids=["behind a line", "in a line"])
@pytest.mark.parametrize("count", range(1, len(LINES) - 1))
def test_a_config_that_is_cut_short_never_passes(tmp_path: Path, count: int, middle: bool) -> None:
    """The whole config passes. Where its interfaces are not there yet, the sentence says that it is cut short."""
    text = "".join(LINES[:count])
    done = run("audit", folder(tmp_path, text[: -len(LINES[count - 1]) // 2] if middle else text), "--format", "json")
    if done.code == 2:
        assert "r1 has no interface" in done.err
        assert "configs/r1.cfg is cut short: give the whole of it" in done.err
    else:
        assert verdict(tmp_path) in ("unknown", "at-risk", "breaks", "blocked")


def test_a_config_without_its_end_mark_rests_on_defaults(tmp_path: Path) -> None:
    whole = PASSING.removesuffix(TAIL)
    assert verdict(folder(tmp_path, whole + "!\n")) == "at-risk"
    assert verdict(folder(tmp_path, whole)) == "unknown"


TRANSCRIPT = """\
$ ip address show
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    inet 198.51.100.2/30 brd 198.51.100.3 scope global eth0
3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    inet 203.0.113.1/24 brd 203.0.113.255 scope global eth1
$ ip route show
default via 198.51.100.1 dev eth0
198.51.100.0/30 dev eth0 proto kernel scope link src 198.51.100.2
203.0.113.0/24 dev eth1 proto kernel scope link src 203.0.113.1
$ ip rule show
0:	from all lookup local
32766:	from all lookup main
32767:	from all lookup default
$ sysctl -a
net.ipv4.ip_forward = 1
net.ipv4.conf.all.rp_filter = 0
net.ipv4.conf.eth0.rp_filter = 0
net.ipv4.conf.eth1.rp_filter = 0
$ nft list ruleset
table inet filter {
	chain forward {
		type filter hook forward priority filter; policy accept;
		ip frag-off & 0x1fff != 0 accept
		udp dport 7 drop
		ip frag-off & 0x1fff != 0 drop
	}
}
"""
LINUX = TRANSCRIPT.splitlines(keepends=True)
LINUX_HOSTS = "r1: {platform: linux}\n"
LINUX_PATHS = PATHS.replace("GigabitEthernet0/0", "eth0")


def test_the_transcript_passes_as_a_whole(tmp_path: Path) -> None:
    assert verdict(folder(tmp_path, TRANSCRIPT, LINUX_HOSTS, LINUX_PATHS)) == "passes"


LISTED = LINUX.index("$ nft list ruleset\n") + 1
LINUX_CUTS = [
    *((count, False) for count in range(1, len(LINUX)) if count != LISTED),  # a listing of nothing is a listing
    *((count, True) for count in range(1, len(LINUX))),
]


@pytest.mark.parametrize(("count", "middle"), LINUX_CUTS)
def test_a_transcript_that_is_cut_short_never_passes(tmp_path: Path, count: int, middle: bool) -> None:
    text = "".join(LINUX[:count])
    text = text[: -len(LINUX[count - 1]) // 2] if middle else text
    done = run("audit", folder(tmp_path, text, LINUX_HOSTS, LINUX_PATHS), "--format", "json")
    if done.code == 2:
        assert "r1 has no interface 'eth0'" in done.err
    else:
        assert verdict(tmp_path) in ("unknown", "at-risk", "breaks", "blocked")


# ----------------------------------------------------------------------------------------------------- another platform


DECLARED = {"declared": HOSTS, "undeclared": "r1: {}\n", "as linux": LINUX_HOSTS}
SUPPORTED = {"ASA", "Junos", "Junos, set"}  # undeclared, these are read as what they are
WRONG = [(text, how) for text in TEXTS for how in DECLARED if how != "undeclared" or text not in SUPPORTED]


def test_the_text_of_a_firewall_is_read_as_what_it_is(tmp_path: Path) -> None:
    text, interface = TEXTS["ASA"]
    found = report(folder(tmp_path, text, "r1: {}\n", PATHS.replace("GigabitEthernet0/0", interface)))
    assert found["flows"][0]["verdict"] == "breaks"  # its fragment chain is 1


@pytest.mark.parametrize(
    ("platform", "hosts"), [(text, DECLARED[how]) for text, how in WRONG], ids=map("-".join, WRONG)
)
def test_the_text_of_another_platform_is_not_read_as_this_one(tmp_path: Path, platform: str, hosts: str) -> None:
    """Its interfaces and lists look alike; what they do to fragments is not alike."""
    text, interface = TEXTS[platform]
    found = report(folder(tmp_path, text, hosts, PATHS.replace("GigabitEthernet0/0", interface)))
    assert found["flows"][0]["verdict"] == "unknown"
    wanted = "no platform recognises the text" if hosts == "r1: {}\n" else "the text is not that of "
    assert any(one.startswith(wanted) for one in reasons(found)), reasons(found)


def test_a_linux_host_declared_as_a_router_is_told_what_it_looks_like(tmp_path: Path) -> None:
    found = report(folder(tmp_path, TRANSCRIPT))
    assert "the text is not that of cisco_ios; it looks like linux" in reasons(found)
    found = report(folder(tmp_path, PASSING, LINUX_HOSTS))
    assert "the text is not that of linux; it looks like cisco_ios" in reasons(found)


def test_a_platform_without_a_template_is_unknown_and_one_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    found = report(folder(tmp_path, hosts="r1: {platform: brocade_fastiron}\n"))
    assert found["flows"][0]["verdict"] == "unknown"
    assert "no template reads the platform brocade_fastiron" in reasons(found)
    sentence = refused("audit", folder(tmp_path, hosts="r1: {platform: cisco_oss}\n"))
    assert sentence.startswith("hosts.yaml:1: r1.platform: nobody knows the platform 'cisco_oss'")
    assert "cisco_ios" in sentence


# --------------------------------------------------------------------------------------------------------- much of it


def test_three_hundred_thousand_lines(tmp_path: Path) -> None:
    """Most of a list; the flow's permits stand last, and the line of the drop is an editor's."""
    head, tail = BREAKING.split(" deny ip any any fragments\n")
    filler = [f" deny tcp host 10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255} any eq 22\n" for n in range(300_000)]
    place = folder(tmp_path, head + "".join(filler) + " deny ip any any fragments\n" + tail)
    assert lines_of_drops(place) == {("configs/r1.cfg", DENY_LINE + 300_000)}


@pytest.mark.parametrize("where", ["a description", "an entry", "a line of its own"])
def test_one_line_of_five_megabytes(tmp_path: Path, where: str) -> None:
    long = "x" * 5_000_000
    text = {
        "a description": PASSING.replace("description upstream", f"description {long}"),
        "an entry": PASSING.replace(" deny ip any any\n", f" deny ip any any {long}\n"),
        "a line of its own": PASSING.replace("ip route", f"{long}\nip route"),
    }[where]
    target = tmp_path / "report.csv"
    found = report(folder(tmp_path / "inventory", text), "--output", target)
    assert found["flows"][0]["verdict"] == "passes"
    assert len(json.dumps(found)) < 200_000
    assert len(target.read_text()) < 200_000
    assert len(run("facts", tmp_path / "inventory").out) < 100_000


def test_a_line_of_the_list_in_five_megabytes_of_blanks(tmp_path: Path) -> None:
    text = BREAKING.replace(" deny ip any any fragments", f" deny ip any any{' ' * 5_000_000}fragments")
    assert verdict(folder(tmp_path, text)) != "passes"


# ---------------------------------------------------------------------------------------------------------- templates


BROKEN = {
    "syntax": ("<group name='x*'>\ninterface {{ name }\n</group", "cisco_ios.ttp"),
    "no XML": ("<group name='lists*'>\n<<<\n</group>\n", "cisco_ios.ttp"),
    "an unknown function": ("<group name='x*'>\ninterface {{ name | frobnicate(1) }}\n</group>\n", "only re()"),
    "a function that is not for us": ("<group name='x*'>\ninterface {{ name | upper }}\n</group>\n", "only re()"),
    "empty": ("", "empty"),
    "blanks": ("\n \n", "empty"),
    "no group": ("interface {{ name }}\n", "cisco_ios.ttp"),
    "a macro": ("<macro>\nimport os\n</macro>\n<group name='x*'>\ninterface {{ name }}\n</group>\n", "macros"),
    "one record": ("<group name='x'>\ninterface {{ name }}\n</group>\n", "must end in '*'"),
    "two free texts": ("<group name='x*'>\na {{ b | re('.+') }} c {{ d | re('.+') }}\n</group>\n", "quadratic"),
    "a wrong expression": ("<group name='x*'>\na {{ b | re('(') }}\n</group>\n", "cisco_ios.ttp"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_template_is_named(tmp_path: Path, kind: str) -> None:
    text, words = BROKEN[kind]
    own = tmp_path / "own"
    own.mkdir()
    (own / "cisco_ios.ttp").write_text(text)
    sentence = refused("audit", folder(tmp_path / "inventory"), "--templates", own)
    assert str(own / "cisco_ios.ttp") in sentence
    assert words in sentence


def test_a_template_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "cisco_ios.ttp").write_bytes(noise())
    assert "cisco_ios.ttp: the template can't be read" in refused("audit", EXAMPLE, "--templates", tmp_path)
    (tmp_path / "cisco_ios.ttp").unlink()
    (tmp_path / "cisco_ios.ttp").mkdir()
    assert run("audit", EXAMPLE, "--templates", tmp_path).code in (1, 2)


def test_a_template_in_the_inventory_is_not_read(tmp_path: Path) -> None:
    place = folder(tmp_path, PASSING, **{"cisco_ios.ttp": "{{", "templates/cisco_ios.ttp": "{{"})
    assert verdict(place) == "passes"


# ---------------------------------------------------------------------------------------- names and files of the folder


WRONG_PATHS: dict[str, tuple[str | bytes, str, str]] = {
    "unknown device": (PATHS.replace("via: [r1]", "via: [r2]"), "paths.yaml:6: flows[0].via[0]", "there is only r1"),
    "unknown device of an attachment": (PATHS.replace("device: r1", "device: rr1"), "paths.yaml:3", "r1"),
    "unknown interface": (
        PATHS.replace("GigabitEthernet0/0", "GigabitEthernet0/7"),
        "paths.yaml:3",
        "GigabitEthernet0/",
    ),
    "unknown endpoint": (PATHS.replace("to: gw", "to: gv"), "paths.yaml:6: flows[0].to", "there are clients, gw"),
    "unknown system": (PATHS.replace("df: false}\nflows", "system: stongswan}\nflows"), "paths.yaml:4", "'strongswan'"),
    "unknown key": (PATHS.replace("kind: ikev2", "kind: ikev2, colour: red"), "paths.yaml:6: flows[0].colour", "kind"),
    "nearly a key": (PATHS.replace("kind: ikev2", "kid: ikev2"), "paths.yaml:6: flows[0].kid", "'kind'"),
    "wrong word": (PATHS.replace("kind: ikev2", "kind: ikev3"), "paths.yaml:6: flows[0].kind", "it takes ikev2"),
    "later: concurrent": (PATHS.replace("kind: ikev2", "kind: ikev2, concurrent: 9"), "paths.yaml:6", "not built yet"),
    "later: proxies": (
        PATHS.replace("kind: ikev2", "kind: radius, proxies: [a]"),
        "paths.yaml:6: flows[0].proxies",
        "not built yet",
    ),
    "later: certificates": (
        PATHS.replace("gw: {", "gw: {certificates: [a.pem], "),
        "paths.yaml:4: endpoints.gw.certificates",
        "not built yet",
    ),
    "later: accept": (PATHS + "accept: [{flow: vpn}]\n", "paths.yaml:7: accept", "not built yet"),
    "later: profile": (
        PATHS.replace("via: [r1]", "via: [{opaque: isp, profile: lte}, r1]"),
        "paths.yaml:6: flows[0].via[0].profile",
        "not built yet",
    ),
    "a flow twice": (
        PATHS + PATHS.splitlines()[-1] + "\n",
        "paths.yaml:7: flows[1]",
        "'vpn' is given twice: first in paths.yaml:6",
    ),
    "an endpoint twice": (
        PATHS.replace("flows:", "  gw: {address: 203.0.113.11}\nflows:"),
        "paths.yaml:5",
        "'gw' is given twice: first in line 4",
    ),
    "a list": ("[]\n", "paths.yaml:1", "a mapping"),
    "a word": ("passes\n", "paths.yaml:1", "a mapping"),
    "empty": ("", "paths.yaml", ""),
    "a tab": (PATHS.replace("  gw", "\tgw"), "paths.yaml:4", "blanks"),
    "an open bracket": (PATHS.replace("[r1]", "[r1"), "paths.yaml:", "no YAML"),
    "Latin-1": (
        PATHS.replace("# ", "").encode() + "# Zürich\n".encode("latin-1"),
        "paths.yaml:7",
        "save the file as UTF-8",
    ),
    "UTF-16": (PATHS.encode("utf-16"), "paths.yaml:1", "save it as UTF-8"),
    "noise": (noise(), "paths.yaml:1", "UTF-8"),
    "a control character": (PATHS + "# \x07\n", "paths.yaml:7", "control character"),
    "MTU of words": (PATHS.replace("gw: {", "gw: {mtu: many, "), "paths.yaml:4: endpoints.gw.mtu", "'many'"),
    "MTU of nothing": (PATHS.replace("gw: {", "gw: {mtu: 0, "), "paths.yaml:4: endpoints.gw.mtu", "'0'"),
    "MTU below nothing": (PATHS.replace("gw: {", "gw: {mtu: -1, "), "paths.yaml:4: endpoints.gw.mtu", "'-1'"),
    "a vast MTU": (
        PATHS.replace("gw: {", "gw: {mtu: 99999999999999999999, "),
        "paths.yaml:4: endpoints.gw.mtu",
        "65535",
    ),
    "df of a word": (
        PATHS.replace("gw: {", "gw: {df: maybe, ").replace(", df: false}\nflows", "}\nflows"),
        "paths.yaml:4",
        "pmtud",
    ),
    "family 5": (PATHS.replace("kind: ikev2", "kind: ikev2, family: 5"), "paths.yaml:6: flows[0].family", "6"),
    "an address of letters": (
        PATHS.replace("203.0.113.10", "fileserver"),
        "paths.yaml:4: endpoints.gw.address",
        "192.0.2.1",
    ),
    "ports of words": (
        PATHS.replace("kind: ikev2", "kind: radius, ports: [a, b]"),
        "paths.yaml:6: flows[0].ports",
        "'a'",
    ),
    "a port too many": (
        PATHS.replace("kind: ikev2", "kind: custom, port: 70000, messages: []"),
        "paths.yaml:6: flows[0].",
        "",
    ),
}


@pytest.mark.parametrize("kind", WRONG_PATHS)
def test_a_wrong_paths_yaml_is_refused_with_file_line_and_what_is_right(tmp_path: Path, kind: str) -> None:
    paths, start, words = WRONG_PATHS[kind]
    sentence = refused("audit", folder(tmp_path, paths=paths))
    assert sentence.startswith(start)
    assert words in sentence
    assert len(sentence) < 400


WRONG_HOSTS: dict[str, tuple[str | bytes, str]] = {
    "a host twice": ("r1: {}\nr2: {}\nr1: {}\n", "hosts.yaml:3: the key 'r1' is given twice: first in line 1"),
    "a list": ("- r1\n", "hosts.yaml:1: "),
    "a word": ("r1\n", "hosts.yaml:1: "),
    "nothing": ("", "hosts.yaml"),
    "groups of a word": ("r1: {groups: edge}\n", "hosts.yaml:1: r1.groups: "),
    "a group that is not there": ("r1: {groups: [edge]}\n", "hosts.yaml:1: r1.groups[0]: "),
    "data of a word": ("r1: {data: x}\n", "hosts.yaml:1: r1.data: "),
    "platform of a number": ("r1: {platform: 7}\n", "hosts.yaml:1: r1.platform: "),
    "out of the folder by dots": ("r1: {data: {config: ../../etc/passwd}}\n", "hosts.yaml:1: r1.data.config: "),
    "out of the folder from the root": ("r1: {data: {config: /etc/passwd}}\n", "hosts.yaml:1: r1.data.config: "),
    "of another user's": ("r1: {data: {config: ~root/x}}\n", "hosts.yaml:1: r1.data.config: "),
    "a config that is not there": ("r1: {data: {config: configs/none.cfg}}\n", "hosts.yaml:1: r1.data.config: "),
    "a config that is a list": ("r1: {data: {config: [a]}}\n", "hosts.yaml:1: r1.data.config: "),
    "a name with a zero": ('"r\\0": {}\n', "hosts.yaml:1: "),
    "a tag that runs code": ('r1: !!python/object/apply:os.system ["true"]\n', "hosts.yaml:1: "),
    "an alias in itself": ("r1: &x {data: {a: *x}}\n", "hosts.yaml:1: "),
    "no alias": ("r1: *x\n", "hosts.yaml:1: the alias *x has no anchor &x"),
    "nested deep": (
        "r1: {data: {x: " + "[" * 5000 + "]" * 5000 + "}}\n",
        "hosts.yaml:1: lists and mappings are nested",
    ),
    "two documents": ("r1: {}\n---\nr2: {}\n", "hosts.yaml:2: a second document begins here"),
    "noise": (noise(), "hosts.yaml:1: "),
}


@pytest.mark.parametrize("kind", WRONG_HOSTS)
def test_a_wrong_hosts_yaml_is_refused_with_file_and_line(tmp_path: Path, kind: str) -> None:
    hosts, start = WRONG_HOSTS[kind]
    sentence = refused("audit", folder(tmp_path, hosts=hosts, paths=None))
    assert sentence.startswith(start)
    assert len(sentence) < 400
    assert "root:x:" not in sentence


@pytest.mark.parametrize("file", ["hosts.yaml", "paths.yaml", "groups.yaml", "defaults.yaml"])
def test_aliases_do_not_blow_up(tmp_path: Path, file: str) -> None:
    """Ten levels of ten aliases each: ten thousand million values in 400 bytes."""
    bomb = "a0: &a0 {data: {x: 1}}\n" + "".join(
        f"a{n}: &a{n} {{data: {{x: [{', '.join([f'*a{n - 1}'] * 10)}]}}}}\n" for n in range(1, 11)
    )
    sentence = refused("audit", folder(tmp_path, **{file: bomb}))
    assert sentence.startswith(f"{file}:")
    assert "the aliases repeat more than" in sentence


def test_two_configs_of_one_host(tmp_path: Path) -> None:
    sentence = refused("audit", folder(tmp_path, **{"configs/r1.txt": PASSING}))
    assert "configs/r1.cfg" in sentence
    assert "configs/r1.txt" in sentence
    assert "r1" in sentence


def test_two_configs_of_one_device_in_a_bare_folder(tmp_path: Path) -> None:
    place = folder(tmp_path, None, None, None, **{"a/r1.cfg": PASSING, "b/r1": PASSING})
    sentence = refused("audit", place)
    assert "a/r1.cfg" in sentence
    assert "b/r1" in sentence


def test_links_that_leave_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.cfg"
    outside.write_text(PASSING.replace("upstream", "s3cr3t-outside"))
    place = folder(tmp_path / "inventory", None)
    (place / "configs").mkdir()
    (place / "configs" / "r1.cfg").symlink_to(outside)
    done = run("audit", place)
    assert "s3cr3t-outside" not in done.all
    assert done.code == 2 or verdict(place) == "unknown"
    assert "s3cr3t-outside" not in run("facts", place, "--format", "json").all


@pytest.mark.parametrize("file", ["hosts.yaml", "paths.yaml", "groups.yaml", "defaults.yaml", "paths.d/x.yaml"])
def test_a_file_of_ours_that_is_a_link_out_is_refused(tmp_path: Path, file: str) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("r1: {data: {note: s3cr3t-outside}}\n")
    place = folder(tmp_path / "inventory")
    (place / file).unlink(missing_ok=True)
    (place / file).parent.mkdir(exist_ok=True)
    (place / file).symlink_to(outside)
    sentence = refused("audit", place)
    assert file in sentence
    assert "outside the inventory" in sentence


def test_a_folder_of_configs_that_is_a_link_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    place = folder(tmp_path / "inventory", None)
    (place / "configs").symlink_to(tmp_path / "elsewhere")
    assert "--configs" in refused("audit", place)


def test_a_dangling_link_and_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    place = folder(tmp_path / "one")
    (place / "paths.yaml").unlink()
    (place / "paths.yaml").symlink_to("nowhere.yaml")
    assert refused("audit", place).startswith("paths.yaml can't be read: no such file")
    place = folder(tmp_path / "two", paths=None)
    (place / "paths.yaml").mkdir()
    assert refused("audit", place).startswith("paths.yaml is no file that can be read")
    place = folder(tmp_path / "three", None)
    (place / "configs").mkdir()
    (place / "configs" / "r1.cfg").symlink_to("nowhere.cfg")
    assert "r1: its file configs/r1.cfg can't be used (a link to nothing)" in refused("audit", place)


def test_a_pipe_in_place_of_a_config_does_not_hang(tmp_path: Path) -> None:
    place = folder(tmp_path, None)
    (place / "configs").mkdir()
    os.mkfifo(place / "configs" / "r1.cfg")
    assert stat.S_ISFIFO((place / "configs" / "r1.cfg").stat().st_mode)
    done = run("audit", place)
    assert done.code == 2 or verdict(place) == "unknown"


@pytest.mark.parametrize("file", ["configs/r1.cfg", "hosts.yaml", "paths.yaml"])
def test_a_file_that_may_not_be_read(tmp_path: Path, file: str) -> None:
    place = folder(tmp_path)
    (place / file).chmod(0)
    done = run_apart("audit", place, anybody=True)
    assert (done.code, done.err) == (2, f"fragaudit: {file} can't be read: permission denied\n")


def test_no_inventory(tmp_path: Path) -> None:
    assert "is not there" in refused("audit", tmp_path / "nowhere")
    assert "holds neither a hosts.yaml nor a saved config" in refused("audit", tmp_path)
    (tmp_path / "file").write_text(PASSING)
    assert "a file: give the folder that holds it" in refused("audit", tmp_path / "file")
    assert "nowhere" in refused("audit", EXAMPLE, "--configs", tmp_path / "nowhere")
    assert "nowhere" in refused("audit", EXAMPLE, "--paths", tmp_path / "nowhere.yaml")
    assert refused("audit", "").count("\n") == 0
    deep = tmp_path.joinpath(*["a-folder-of-some-depth"] * 5, "nowhere.yaml")
    assert "nowhere.yaml can't be read" in refused("audit", EXAMPLE, "--paths", deep)


def test_a_hosts_yml_is_not_missed_in_silence(tmp_path: Path) -> None:
    assert "hosts.yml is not read: call it hosts.yaml" in refused(
        "audit", folder(tmp_path, hosts=None, **{"hosts.yml": HOSTS})
    )


PREFIX = """\
{"schema": "fragaudit.routes/1", "collected": "2026-01-01T00:00:00Z", "complete": false,
 "routes": [{"vrf": "default", "prefix": "10.0.0.0/99", "protocol": "x", "distance": 1, "next_hops": []}]}
"""
WRONG_ROUTES: dict[str, tuple[str | bytes, str]] = {
    "no JSON": ("{", "routes/r1.json:1: this is no JSON"),
    "a list": ("[]", "routes/r1.json:1: "),
    "another schema": ('{"schema": "fragaudit.routes/9", "routes": []}', "routes/r1.json:1: "),
    "a wrong prefix": (
        PREFIX,
        "routes/r1.json:2: ",
    ),
    "nested deep": (
        '{"schema": "fragaudit.routes/1", "routes": ' + "[" * 100_000 + "]" * 100_000 + "}",
        "routes/r1.json:",
    ),
    "noise": (noise(), "routes/r1.json:1: "),
}


@pytest.mark.parametrize("kind", WRONG_ROUTES)
def test_wrong_routes_are_refused_with_file_and_line(tmp_path: Path, kind: str) -> None:
    text, start = WRONG_ROUTES[kind]
    sentence = refused("audit", folder(tmp_path, **{"routes/r1.json": text}))
    assert sentence.startswith(start)
    assert len(sentence) < 400


# --------------------------------------------------------------------------------------------------------- in a process


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_a_terminal_that_can_not_show_everything(tmp_path: Path, encoding: str) -> None:
    """A name beyond the terminal's character set is shown somehow; nothing fails of it."""
    text = BREAKING.replace(" IN", " IN-ζ").replace("upstream", "ζ→é")
    place = folder(tmp_path, text)
    done = run_apart("audit", place, terminal=encoding)
    assert done.code == 1
    assert "BREAKS" in done.out
    assert ("IN-ζ" if encoding in ("utf-8", "ascii") else r"IN-\u03b6") in done.out  # click writes UTF-8 for ASCII


def test_names_that_are_no_text(tmp_path: Path) -> None:
    place = folder(tmp_path)
    (place / "configs" / os.fsdecode(b"r2\xff.cfg")).write_text(PASSING)
    assert run_apart("audit", place).code == 1
    assert run_apart("facts", place).code == 0


@pytest.mark.parametrize("df", ["false", "true", "pmtud"])
@pytest.mark.parametrize("mtu", [0, 1, 15, 27, 28, 67])
def test_an_mtu_that_no_fragment_fits(tmp_path: Path, mtu: int, df: str) -> None:
    """A damaged listing, or a link that carries no IP: nothing is cut for it, and nothing passes."""
    text = TRANSCRIPT.replace(
        "eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500", f"eth1: <BROADCAST,UP,LOWER_UP> mtu {mtu}"
    )
    found = report(folder(tmp_path, text, LINUX_HOSTS, LINUX_PATHS.replace("df: false", f"df: {df}")))
    assert found["flows"][0]["verdict"] in ("blocked", "breaks", "unknown", "at-risk")
