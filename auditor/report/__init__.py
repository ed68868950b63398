"""The reports: one function a form. Each form is loaded only when it is asked for."""

from difflib import get_close_matches
from pathlib import PurePath
from typing import TYPE_CHECKING

from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.model.findings import Report

FORMS = ("table", "json", "markdown", "csv", "sarif", "junit")
LATER = ("html",)
SUFFIXES = {
    ".txt": "table",
    ".json": "json",
    ".md": "markdown",
    ".csv": "csv",
    ".sarif": "sarif",
    ".xml": "junit",
    ".html": "html",
}


def render(report: "Report", form: str, *, color: bool = False) -> str:
    """The report in a form. ``color`` touches the table alone. Raises UsageError for a form that is not built."""
    known(form)
    if form == "json":
        from auditor.report.json_report import json_report

        return json_report(report)
    if form == "markdown":
        from auditor.report.markdown import markdown

        return markdown(report)
    if form == "csv":
        from auditor.report.csv_report import csv_report

        return csv_report(report)
    if form == "sarif":
        from auditor.report.sarif import sarif

        return sarif(report)
    if form == "junit":
        from auditor.report.junit import junit

        return junit(report)
    from auditor.report.table import table

    return table(report, color=color)


def known(form: str) -> str:
    """The form, if it is one that is built. Raises UsageError, naming the nearest, for others."""
    if form in FORMS:
        return form
    if form in LATER:
        raise UsageError(f"the form {form!r} is not built yet; there are {', '.join(FORMS)}")
    near = get_close_matches(form.lower(), FORMS, 1, 0.5)
    right = f"the nearest is {near[0]!r}" if near else f"there are {', '.join(FORMS)}"
    raise UsageError(f"there is no form {form!r}: {right}")


def form_of(output: str) -> tuple[str, str]:
    """The form and the file of ``--output``: ``FORM:FILE``, or a FILE whose suffix tells. Raises UsageError."""
    form, colon, file = output.partition(":")
    if colon and form in (*FORMS, *LATER):
        if not file:
            raise UsageError(f"--output {output!r} names no file: it takes FILE or FORM:FILE")
        return known(form), file
    suffix = PurePath(output).suffix.lower()
    if suffix in SUFFIXES:
        return known(SUFFIXES[suffix]), output
    near = get_close_matches(form.lower(), FORMS, 1, 0.6) if colon and len(form) > 1 else []
    if near:
        raise UsageError(f"--output {output!r}: there is no form {form!r}: the nearest is {near[0]!r}")
    built = ", ".join(suffix for suffix, form in SUFFIXES.items() if form in FORMS)
    raise UsageError(f"--output {output!r}: its suffix tells no form; it takes {built}, or FORM:FILE")
