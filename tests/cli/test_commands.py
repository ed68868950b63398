"""Each command in each of its forms, on the example and on a bare folder of configs; the JSON against its schemas."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from auditor import cli, registry
from auditor.messages.keys import KEYS
from auditor.schemas import schema
from tests.cli.harness import BREAKING, EXAMPLE, FORMS, PASSING, Done, folder, refused, run, run_apart

RADIUS_CLIENT = """\
version 17.9
hostname sw1
!
aaa new-model
!
interface Vlan10
 ip address 10.30.0.2 255.255.255.0
!
ip radius source-interface Vlan10
!
radius server NPS
 address ipv4 10.20.0.5 auth-port 1812 acct-port 1813
 key 7 094F471A1A0A141D05
!
end
"""


def checked(name: str, done: Done) -> Any:
    """The JSON of a run, held against the schema that it names."""
    document = json.loads(done.out)
    assert document["schema"] == f"fragaudit.{name}/1"
    jsonschema.Draft202012Validator(schema(name)).validate(document)
    return document


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout as Oxidized makes it: configs without an inventory, and what lies beside them."""
    place = tmp_path_factory.mktemp("bare")
    for file in (EXAMPLE / "configs").iterdir():
        shutil.copy(file, place)
    (place / "router.db").write_text("edge1:cisco:up\n")
    (place / "notes.cfg").write_text("what to do on Monday\n")
    (place / ".gitignore").write_text("x\n")
    (place / "access").mkdir()
    (place / "access" / "sw1").write_text(RADIUS_CLIENT)
    return place


# -------------------------------------------------------------------------------------------------------- a bare folder


def test_a_bare_folder_gives_device_findings(bare: Path) -> None:
    done = run("audit", bare, "--format", "json")
    document = checked("report", done)
    assert done.code == 1
    assert document["flows"] == []
    assert {one["name"]: one["platform"] for one in document["devices"]} == {
        "edge1": "cisco_ios",
        "edge2": "cisco_ios",
        "fw1": "linux",
        "sw1": "cisco_ios",
    }
    found = {(one["rule"], one["device"], one["evidence"][0]["file"]) for one in document["findings"]}
    assert ("non-initial-fragment-denied", "edge1", "edge1.cfg") in found
    assert ("non-initial-fragment-unmatched", "fw1", "fw1.txt") in found
    (line,) = (one["evidence"][0] for one in document["findings"] if one["rule"] == "non-initial-fragment-denied")
    assert line["text"] == "10 deny   ip any any fragments"
    assert (bare / "edge1.cfg").read_text().splitlines()[line["line"] - 1].strip() == line["text"]
    table = run("audit", bare).out
    assert "notes.cfg: no platform recognises the text" in table
    assert "router.db: a list of devices" in table


def test_every_finding_names_a_line_that_is_there(bare: Path) -> None:
    document = json.loads(run("audit", bare, "--format", "json").out)
    lines = [e for one in (*document["findings"], *document["unknowns"]) for e in one["evidence"]]
    assert len(lines) >= 3
    for one in lines:
        assert (bare / one["file"]).read_text().splitlines()[one["line"] - 1].strip() == one["text"]


def test_facts_of_a_bare_folder(bare: Path) -> None:
    document = checked("facts", run("facts", bare, "--format", "json"))
    assert [one["name"] for one in document["devices"]] == ["sw1", "edge1", "edge2", "fw1"]
    assert {one["file"] for one in document["unclaimed"]} == {".gitignore", "notes.cfg", "router.db"}
    (one,) = checked("facts", run("facts", bare, "fw1", "--format", "json"))["devices"]
    assert one["name"] == "fw1"
    table = run("facts", bare, "fw1", "edge2").out
    assert re.search(r"^edge2  \(cisco_ios", table, re.MULTILINE)
    assert not re.search(r"^edge1", table, re.MULTILINE)


def test_flows_of_a_bare_folder_can_be_audited(bare: Path, tmp_path: Path) -> None:
    """The draft is a paths.yaml as it stands, with each line's evidence."""
    draft = run("flows", bare)
    assert draft.code == 0
    assert re.search(r"^  # access/sw1:12: address ipv4 10\.20\.0\.5", draft.out, re.MULTILINE)
    assert re.search(r"^  # edge1\.cfg:43: 20 permit udp any host 203\.0\.113\.10 eq isakmp", draft.out, re.MULTILINE)
    file = tmp_path / "paths.yaml"
    file.write_text(draft.out)
    report = checked("report", run("audit", bare, "--paths", file, "--format", "json"))
    flows = {flow["name"]: flow for flow in report["flows"]}
    (asked,) = (flow for flow in flows.values() if flow["name"] == "ike-to-server-203-0-113-10")
    assert asked["verdict"] == "unknown"
    assert {"no": "breaks", "yes": "passes"} in [one["verdicts"] for one in asked["depends_on"]]
    assert any(flow["kind"] == "radius" for flow in flows.values())


def test_a_draft_of_nothing_is_a_paths_yaml_too(tmp_path: Path) -> None:
    place = folder(
        tmp_path, "hostname r1\n!\ninterface Vlan1\n ip address 10.0.0.1 255.255.255.0\n!\nend\n", paths=None
    )
    (place / "paths.yaml").write_text(run("flows", place).out)
    done = run("audit", place, "--format", "json")
    assert (done.code, json.loads(done.out)["flows"]) == (0, [])


# ----------------------------------------------------------------------------------------------------------- exit codes

NOTE = PASSING  # a list that lets later fragments pass: a note
AT_RISK = PASSING.replace(" ip access-group", " ip virtual-reassembly in max-fragments 64\n ip access-group")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("config", "codes"),
    [
        (NOTE, {"at-risk": 0, "unknown": 0, "breaks": 0, "never": 0}),
        (AT_RISK, {"at-risk": 1, "unknown": 0, "breaks": 0, "never": 0}),
        (BREAKING, {"at-risk": 1, "unknown": 1, "breaks": 1, "never": 0}),
    ],
    ids=["note", "at-risk", "breaks"],
)
def test_exit_codes_of_findings(tmp_path: Path, config: str, codes: dict[str, int], form: str) -> None:
    place = folder(tmp_path, config, paths=None)
    found = {limit: run("audit", place, "--fail-on", limit, "--format", form).code for limit in codes}
    assert found == codes
    assert run("audit", place).code == codes["breaks"]


VERDICTS = {
    "passes": (PASSING, {"at-risk": 0, "unknown": 0, "breaks": 0, "never": 0}),
    "at-risk": (PASSING.removesuffix("end\n"), {"at-risk": 1, "unknown": 0, "breaks": 0, "never": 0}),
    "unknown": ("", {"at-risk": 1, "unknown": 1, "breaks": 0, "never": 0}),
    "breaks": (BREAKING, {"at-risk": 1, "unknown": 1, "breaks": 1, "never": 0}),
    "blocked": (PASSING.replace("non500-isakmp", "ntp"), {"at-risk": 1, "unknown": 1, "breaks": 1, "never": 0}),
}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_exit_codes_of_flows(tmp_path: Path, verdict: str) -> None:
    config, codes = VERDICTS[verdict]
    place = folder(tmp_path, config)
    assert json.loads(run("audit", place, "--format", "json").out)["flows"][0]["verdict"] == verdict
    assert {limit: run("audit", place, "--fail-on", limit).code for limit in codes} == codes


@pytest.mark.parametrize("command", ["facts", "graph", "flows"])
def test_other_commands_end_with_0_whatever_they_find(tmp_path: Path, command: str) -> None:
    assert run(command, folder(tmp_path, BREAKING)).code == 0
    assert run(command, tmp_path / "nowhere").code == 2


# ---------------------------------------------------------------------------------------------------------------- forms


@pytest.mark.parametrize("flow", ["always-on-vpn", "wlan-logon", "branch-vpn", "partner-vpn"])
def test_explain(flow: str) -> None:
    document = checked("trace", run("explain", EXAMPLE, flow, "--format", "json"))
    assert [one["name"] for one in document["flows"]] == [flow]
    table = run("explain", EXAMPLE, flow).out
    hops = {hop["device"] for path in document["flows"][0]["paths"] for hop in path["hops"]}
    assert hops
    for hop in hops:
        assert hop in table
    assert max(map(len, table.splitlines())) <= 100


def test_explain_names_the_entry_that_dropped() -> None:
    table = run("explain", EXAMPLE, "always-on-vpn").out
    assert "configs/edge1.cfg:42" in table
    assert "10 deny   ip any any fragments" in table
    assert "nearest name is 'always-on-vpn'" in refused("explain", EXAMPLE, "always-on-vpm")


def _balanced(text: str) -> bool:
    """Whether brackets outside quotes close in the order in which they open, and quotes close on their line."""
    pairs, stack = {")": "(", "]": "[", "}": "{"}, []
    for line in text.splitlines():
        bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", line)
        if '"' in bare:
            return False
        for char in bare.replace("-->", "").replace("->", ""):
            if char in "([{":
                stack.append(char)
            elif char in pairs and (not stack or stack.pop() != pairs[char]):
                return False
    return not stack


@pytest.mark.parametrize("source", ["example", "bare", "one"])
def test_graphs_are_well_formed(source: str, bare: Path, tmp_path: Path) -> None:
    place = {"example": EXAMPLE, "bare": bare, "one": folder(tmp_path)}[source]
    mermaid = run("graph", place).out
    assert mermaid.splitlines()[0] == "flowchart LR"
    nodes = re.findall(r"^  (n\d+)(?:\[|\(\[|\[/)\"", mermaid, re.MULTILINE)
    edges = re.findall(r"^  (n\d+) -->(?:\|\"[^\"]*\"\|)? (n\d+)$", mermaid, re.MULTILINE)
    classes = re.findall(r"^  classDef (\w+) ", mermaid, re.MULTILINE)
    styles = [int(n) for n in re.findall(r"^  linkStyle (\d+) ", mermaid, re.MULTILINE)]
    assert len(mermaid.splitlines()) == 1 + len(nodes) + len(edges) + len(classes) + len(styles), "no other lines"
    assert len(set(nodes)) == len(nodes)
    assert {end for edge in edges for end in edge} == set(nodes)
    assert set(re.findall(r":::(\w+)", mermaid)) <= set(classes)
    assert all(number < len(edges) for number in styles)
    assert _balanced(mermaid)
    dot = run("graph", place, "--format", "dot").out
    assert re.fullmatch(r"digraph fragaudit \{\n(?:  [^\n]*;\n)*\}\n", dot)
    assert _balanced(dot)
    assert re.findall(r"^  (n\d+) \[label=", dot, re.MULTILINE) == nodes
    assert re.findall(r"^  (n\d+) -> (n\d+) \[", dot, re.MULTILINE) == edges
    assert bool(nodes) == (source != "bare")


def test_the_breaking_hop_is_marked() -> None:
    (line,) = (one for one in run("graph", EXAMPLE).out.splitlines() if '"edge1' in one)
    assert line.endswith(":::breaks")
    assert "configs/edge1.cfg:42" in line
    (line,) = (one for one in run("graph", EXAMPLE).out.splitlines() if '"edge2' in one)
    assert not line.endswith(":::breaks")


@pytest.mark.parametrize("family", ["4", "6"])
@pytest.mark.parametrize("kind", ["ikev2", "radius"])
def test_size(kind: str, family: str) -> None:
    document = checked("size", run("size", "--kind", kind, "--family", family, "--format", "json"))
    header = 28 if family == "4" else 48
    table = run("size", "--kind", kind, "--family", family).out
    for message in document["messages"]:
        assert sum(line["bytes"] for line in message["lines"]) == message["payload"]
        assert message["name"] in table
        assert re.search(rf"^  {message['payload'] + header}\s+IP datagram", table, re.MULTILINE)


def options() -> Iterator[tuple[str, str]]:
    for option, words in (
        ("--auth", cli.AUTHS),
        ("--cipher", cli.CIPHERS),
        ("--integrity", cli.INTEGRITIES),
        ("--key", cli.KEYS),
        ("--path-mtu", ("576", "1280", "9000", "99999")),
        ("--port", ("500", "4500")),
    ):
        yield from ((option, word) for word in words)


@pytest.mark.parametrize(("option", "word"), list(options()))
def test_size_takes_every_word_that_its_help_names(option: str, word: str) -> None:
    document = checked("size", run("size", option, word, "--format", "json"))
    for message in document["messages"]:
        assert sum(line["bytes"] for line in message["lines"]) == message["payload"]


def test_size_knows_every_key_of_the_messages() -> None:
    assert set(cli.KEYS) == set(KEYS)
    sizes = {key: run("size", "--key", key, "--format", "json").out for key in cli.KEYS}
    assert len(set(sizes.values())) == len(sizes), "each key has its own sizes"


@pytest.mark.parametrize(
    "arguments",
    [
        "--family 5",
        "--auth pks",
        "--cipher des",
        "--integrity md5",
        "--key rsa1024",
        "--kind tls",
        "--path-mtu 10",
        "--path-mtu -1",
        "--path-mtu x",
        "--fragment-size 20",
        "--cert-size -5",
        "--cert-size 0",
        "--extra -1",
        "--certreq -1",
        "--notifies -1",
        "--framed-mtu 1",
        "--attributes -1",
        "--eap-fragment-size 0",
        "--format xml",
    ],
)
def test_size_refuses_what_makes_no_sense(arguments: str) -> None:
    refused("size", *arguments.split())


@pytest.mark.parametrize("kind", ["platforms", "systems", "rules"])
def test_catalogues(kind: str) -> None:
    names = list(getattr(registry, kind)())
    document = checked(kind, run(kind, "--format", "json"))
    assert [one["name"] for one in document[kind]] == names
    table = run(kind).out
    for name in names:
        assert name in table
        page = run(kind, name)
        assert page.code == 0
        assert name in page.out
        assert max(map(len, page.out.splitlines())) <= 100
        assert [one["name"] for one in checked(kind, run(kind, name, "--format", "json"))[kind]] == [name]
    assert "nearest name" in refused(kind, names[0] + "x")


def test_every_page_of_a_rule_tells_its_cure() -> None:
    for name, rule in registry.rules().items():
        page = " ".join(run("rules", name).out.split())
        assert "Cure" in page
        assert rule.summary in page or rule.page.splitlines()[0] in page


# --------------------------------------------------------------------------------------------------- the same each time

COMMANDS = [
    *(("audit", EXAMPLE, "--format", form) for form in FORMS),
    ("facts", EXAMPLE, "--format", "json"),
    ("explain", EXAMPLE, "always-on-vpn", "--format", "json"),
    ("explain", EXAMPLE, "wlan-logon"),
    ("graph", EXAMPLE, "--format", "dot"),
    ("flows", EXAMPLE),
    ("rules",),
    ("systems", "--format", "json"),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda found: "-".join(map(str, (found[0], *found[2:]))))
def test_fresh_processes_write_the_same_bytes(arguments: tuple[str | Path, ...]) -> None:
    """Sets and dicts in another order, files created in another order: the same report."""
    assert run_apart(*arguments, seed="1").out == run_apart(*arguments, seed="4242").out


def test_the_order_in_which_files_were_made_does_not_matter(bare: Path, tmp_path: Path) -> None:
    for file in sorted((p for p in bare.rglob("*") if p.is_file()), reverse=True):
        target = tmp_path / "copy" / file.relative_to(bare)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    one = run("audit", bare, "--format", "json").out.replace(str(bare), "X")
    other = run("audit", tmp_path / "copy", "--format", "json").out.replace(str(tmp_path / "copy"), "X")
    assert one == other
