"""Reports of what the simulator and the judge really make: every form takes them."""

import json

import jsonschema
import pytest

from auditor.judge.summary import summary
from auditor.judge.verdicts import flow_verdict, path_verdict
from auditor.model.addresses import IntervalSet
from auditor.model.filters import DROP, Field, FieldTest
from auditor.model.findings import FlowVerdict, Verdict
from auditor.model.flows import Flow, Origin
from auditor.model.trace import Sending
from auditor.report import FORMS, render
from auditor.report.graph import graph_of, mermaid
from auditor.report.trace import trace_json, trace_text
from auditor.schemas import schema
from tests.build import filter_, message, path, permit, router, rule, talks
from tests.report.build import report

LATER = FieldTest(field=Field.FRAGMENT_WORD, values=IntervalSet.of((1, 0x1FFF)), mask=0x1FFF)


def simulated(*names: str, df: str = "false", narrow: bool = False, deny: bool = False) -> FlowVerdict:
    """A large message and a small one through routers."""
    entries = [rule(DROP, "deny ip any any fragments", 8, tests=(LATER,))] if deny else []
    first = router(names[0], into="L", filters=[filter_("L", *entries, permit(4500))])
    devices = [first, *(router(name, mtu=1300 if narrow else 1500) for name in names[1:])]
    forward, back = path(*names), path(*reversed(names), direction="reverse")
    sending = Sending(payloads=(1372,), df=df, mtu=1500)  # type: ignore[arg-type]
    large = message(2916 if df == "false" else 1372)
    ways = None if df == "false" else [sending]
    found = talks(devices, forward, large, message(100, probe=True), reverse=back, sendings=ways)
    one = path_verdict("f/4/forward/1", forward, list(found.values()), 1)
    flow = Flow(
        name="f", kind="ikev2", senders=("clients",), receiver="rras1", origin=Origin(file="paths.yaml", line=1, key="")
    )
    return flow_verdict(flow, [one], (), ())


CASES = {
    Verdict.PASSES: simulated("r1", "r2"),
    Verdict.BREAKS: simulated("r1", "r2", deny=True),
    Verdict.AT_RISK: simulated("r1", "r2", df="pmtud", narrow=True),
}


@pytest.mark.parametrize("verdict", CASES)
def test_every_form_takes_it(verdict: Verdict) -> None:
    flow = CASES[verdict]
    assert flow.verdict is verdict
    found = report(flow)
    document = json.loads(render(found, "json"))
    jsonschema.validate(document, schema("report"))
    jsonschema.validate(json.loads(trace_json(found)), schema("trace"))
    assert document["summary"] == dict(summary([flow]))
    assert [form for form in FORMS if "rras1" not in render(found, form)] in (
        [],
        ["csv", "sarif"],
    )  # they tell what is wrong
    assert f'["r1{"<br/>BREAKS" if verdict is Verdict.BREAKS else ""}' in mermaid(graph_of(found))


def test_the_breaking_line_is_told() -> None:
    text = render(report(CASES[Verdict.BREAKS]), "table")
    assert "  drops    r1 a (ingress-filter)\n  line     configs/x.cfg:8  deny ip any any fragments\n" in text


def test_the_second_try_is_told() -> None:
    text = trace_text(report(CASES[Verdict.AT_RISK]))
    assert "    try 1    1400@0 DF at r2, egress-mtu: 1400 bytes are more than the MTU 1300" in text
    assert "    try 2    " in text
    assert "the first try dies here (" in render(report(CASES[Verdict.AT_RISK]), "table")
