"""Choosing a form: by name, by the suffix of a file, by FORM:FILE; and goldens of what a person sees."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.errors import UsageError
from auditor.model.findings import Report
from auditor.report import FORMS, form_of, render
from auditor.report.facts import facts_json, facts_text
from auditor.report.graph import dot, graph_of, mermaid
from auditor.report.trace import trace_json, trace_text
from auditor.version import __version__
from tests.report import build
from tests.report.devices import full_device, unread_device

GOLDENS = Path(__file__).parent / "goldens"


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_the_same_from_run_to_run(any_report: Report, form: str) -> None:
    text = render(any_report, form)
    assert text == render(any_report, form)
    assert "\x1b" not in text
    assert text.endswith("\n")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("jsn", "there is no form 'jsn': the nearest is 'json'"),
        ("Markdwon", "the nearest is 'markdown'"),
        ("pdf", "there are table, json, markdown, csv"),
        ("html", "the form 'html' is not built yet; there are table, json, markdown, csv, sarif, junit"),
    ],
)
def test_other_forms_are_refused_with_the_nearest(form: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        render(build.report(), form)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("out/report.json", ("json", "out/report.json")),
        ("report.MD", ("markdown", "report.MD")),
        ("a.b.csv", ("csv", "a.b.csv")),
        ("report.txt", ("table", "report.txt")),
        ("json:report", ("json", "report")),
        ("table:a:b.json", ("table", "a:b.json")),
        (r"C:\reports\x.json", ("json", r"C:\reports\x.json")),
        ("odd:name.json", ("json", "odd:name.json")),
    ],
)
def test_outputs(output: str, expected: tuple[str, str]) -> None:
    assert form_of(output) == expected


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("report", r"its suffix tells no form; it takes \.txt, \.json, \.md, \.csv, \.sarif, \.xml, or FORM:FILE"),
        ("report.pdf", "its suffix tells no form"),
        ("report.html", "'html' is not built yet"),
        ("html:report.json", "'html' is not built yet"),
        ("jso:report", "there is no form 'jso': the nearest is 'json'"),
        ("json:", "names no file"),
    ],
)
def test_outputs_that_make_no_sense(output: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        form_of(output)


@pytest.mark.parametrize("form", FORMS)
def test_only_what_a_form_needs_is_loaded(form: str) -> None:
    code = (
        "import sys; from auditor.report import render; from auditor.model.findings import Report; "
        f"render(Report(version='1', inventory='i', flows=(), findings=(), unknowns=(), devices=()), {form!r}); "
        "print(*(m for m in ('rich', 'tabulate') if m in sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == (["tabulate"] if form == "table" else [])


def facts() -> str:
    return facts_text([full_device(), unread_device()], [("configs/router.db", "no platform claims it")])


def facts_as_json() -> str:
    text = facts_json([full_device(), unread_device()], [("configs/router.db", "no platform claims it")])
    return text.replace(f'"version": "{__version__}"', '"version": "VERSION"', 1)


GOLDEN: dict[str, Callable[[], str]] = {
    "report.txt": lambda: render(build.example(), "table"),
    "report.json": lambda: render(build.example(), "json"),
    "report.md": lambda: render(build.example(), "markdown"),
    "report.csv": lambda: render(build.example(), "csv"),
    "without_paths.txt": lambda: render(build.without_paths(), "table"),
    "without_paths.md": lambda: render(build.without_paths(), "markdown"),
    "trace.txt": lambda: trace_text(build.example()),
    "trace.json": lambda: trace_json(build.example()),
    "facts.txt": facts,
    "facts.json": facts_as_json,
    "graph.mmd": lambda: mermaid(graph_of(build.example())),
    "graph.dot": lambda: dot(graph_of(build.example())),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    """UPDATE_GOLDENS=1 writes them anew."""
    found = GOLDEN[name]().encode()
    golden = GOLDENS / name
    if os.environ.get("UPDATE_GOLDENS"):
        golden.write_bytes(found)
    assert golden.read_bytes() == found


def test_no_golden_is_left_over() -> None:
    assert {path.name for path in GOLDENS.iterdir()} == set(GOLDEN)
