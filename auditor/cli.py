"""The command line: arguments, exit codes, progress. No logic; each command loads only what it needs."""

import gc
import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from auditor.version import __version__

if TYPE_CHECKING:
    from auditor.audit import Loaded, Options
    from auditor.model.addresses import Family
    from auditor.model.findings import Report

DONE, FAILED, UNDONE, BUG = 0, 1, 2, 70
FAIL_ON = ("at-risk", "unknown", "breaks", "never")
FORMATS = ("table", "json", "markdown", "csv")
# What `size` takes; a test holds each word against the room of the messages.
AUTHS = ("certificate", "psk", "eap-tls", "eap-peap", "eap-mschapv2")
CIPHERS = ("aes-cbc", "aes-gcm", "3des", "chacha20-poly1305")
INTEGRITIES = ("sha1", "sha2-256", "sha2-384", "sha2-512")
KEYS = ("rsa2048", "rsa3072", "rsa4096", "p256", "p384", "p521")
COUNT, BYTES = click.IntRange(0, 65535), click.IntRange(1, 65535)

# When the collector of cycles runs: rarely, since values are trees. By default it takes a third of a large run's time.
COLLECT = (100_000, 50, 1000)

Command = Callable[..., Any]


def main() -> NoReturn:
    """Runs the command line and ends the process with the exit code of contract 1."""
    from auditor.errors import AuditError

    gc.set_threshold(*COLLECT)
    for stream in (sys.stdout, sys.stderr):  # a terminal that can't show a letter of a config shows its code
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = commands.main(standalone_mode=False)
    except AuditError as error:
        code = _complain(str(error))
    except click.exceptions.Exit as end:
        code = end.exit_code
    except click.ClickException as error:
        code = _complain(error.format_message())
    except (click.exceptions.Abort, KeyboardInterrupt):
        code = 130
    except BrokenPipeError:
        sys.stderr.close()
        code = DONE
    except SystemExit as end:
        code = _bug(f"the program ended itself with {end.code!r}")
    except Exception as error:  # noqa: BLE001 (the one place where a bug becomes exit code 70)
        code = _bug(f"{type(error).__name__}: {error}")
    sys.exit(code if isinstance(code, int) else DONE)


def _complain(text: str) -> int:
    """One line on standard error, for what a user can mend."""
    from auditor.report.shown import shown

    click.echo(f"fragaudit: {shown(text)}", err=True)
    return UNDONE


def _bug(text: str) -> int:
    """An internal error. The traceback is shown on request only: it may hold lines of configs."""
    import os

    from auditor.report.shown import shown

    if os.environ.get("FRAGAUDIT_TRACEBACK"):
        import traceback

        click.echo(traceback.format_exc(), err=True)
    click.echo(
        f"fragaudit: internal error, please report it: {shown(text)} (FRAGAUDIT_TRACEBACK=1 shows where)", err=True
    )
    return BUG


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="fragaudit")
def commands() -> None:
    """Finds the hop, and the line of its config, that drops the IP fragments of IKEv2 and RADIUS.

    INVENTORY is a folder with hosts.yaml, paths.yaml and configs/, or a bare folder of saved configs.
    """


def _folder(function: Command) -> Command:
    return click.argument("inventory", type=click.Path(path_type=Path))(function)


def _common(function: Command) -> Command:
    """The options that every command with an INVENTORY has."""
    for option in (
        click.option("--verbose", "-v", is_flag=True, help="Progress even where standard error is no terminal."),
        click.option("--quiet", "-q", is_flag=True, help="No progress."),
        click.option("--no-color", is_flag=True, help="No colours on a terminal."),
        click.option("--templates", type=click.Path(path_type=Path), help="Your own templates; they come before ours."),
        click.option("--max-age", metavar="AGE", help="A config older than this, 7d or 12h, is unknown."),
        click.option("--paths", type=click.Path(path_type=Path), help="Another paths.yaml."),
        click.option("--configs", type=click.Path(path_type=Path), help="Another folder of configs."),
        click.option("--filter", "data", multiple=True, metavar="KEY=VALUE", help="Only devices with this data."),
        click.option("--device", "devices", multiple=True, metavar="NAME", help="Only this device. Repeatable."),
        click.option("--flow", "flows", multiple=True, metavar="NAME", help="Only this flow. Repeatable."),
        click.option("--output", "-o", "outputs", multiple=True, metavar="FILE", help="Write a file; form by suffix."),
    ):
        function = option(function)
    return function


@commands.command()
@_folder
@_common
@click.option("--format", "form", default="table", metavar="FORM", help=f"{', '.join(FORMATS)}.")
@click.option("--fail-on", default="breaks", type=click.Choice(FAIL_ON), help="Exit 1 from here on.", show_default=True)
def audit(inventory: Path, form: str, fail_on: str, outputs: tuple[str, ...], **rest: Any) -> int:
    """Verdicts of all flows; without a paths.yaml, what each device does to fragments."""
    from auditor.audit import audit as run

    options, progress, color = _settled(rest)
    loaded = _loaded(inventory, options, progress)
    report = run(loaded, options, progress)
    _write_all(report, form, outputs, color)
    return FAILED if fails(report, fail_on) else DONE


@commands.command()
@_folder
@click.argument("flow")
@_common
@click.option("--format", "form", default="table", metavar="FORM", help="table, json.")
def explain(inventory: Path, flow: str, form: str, outputs: tuple[str, ...], **rest: Any) -> int:
    """One flow, hop by hop and stage by stage: what happened to every packet, and which line did it."""
    from auditor.audit import audit as run
    from auditor.errors import UsageError
    from auditor.report.trace import trace_json, trace_text

    options, progress, _ = _settled({**rest, "flows": (*rest["flows"], flow)}, with_remedies=False)
    loaded = _loaded(inventory, options, progress)
    report = run(loaded, options, progress)
    if not report.flows:
        names = [one.name for one in loaded.inventory.flows]
        raise UsageError(f"there is no flow {flow!r}{_nearest(flow, names)}")
    _write(outputs, form, {"table": lambda: trace_text(report), "json": lambda: trace_json(report)})
    return DONE


@commands.command()
@_folder
@click.argument("device", nargs=-1)
@_common
@click.option("--format", "form", default="table", metavar="FORM", help="table, json.")
def facts(inventory: Path, device: tuple[str, ...], form: str, outputs: tuple[str, ...], **rest: Any) -> int:
    """What was understood of each device, and what was not."""
    from auditor.errors import UsageError
    from auditor.report.facts import facts_json, facts_text

    options, progress, _ = _settled(rest, with_paths=False)
    loaded = _loaded(inventory, options, progress)
    wanted = (*options.devices, *device)
    for name in wanted:
        if name not in loaded.devices:
            raise UsageError(f"there is no device {name!r}{_nearest(name, list(loaded.devices))}")
    found = [one for name, one in loaded.devices.items() if not wanted or name in wanted]
    unclaimed = loaded.unclaimed
    _write(outputs, form, {"table": lambda: facts_text(found, unclaimed), "json": lambda: facts_json(found, unclaimed)})
    return DONE


@commands.command()
@_folder
@_common
def flows(inventory: Path, outputs: tuple[str, ...], **rest: Any) -> int:
    """Drafts a paths.yaml from the configs, each line with its evidence."""
    from auditor.draft import draft
    from auditor.report.draft import draft_yaml

    options, progress, _ = _settled(rest, with_paths=False)
    loaded = _loaded(inventory, options, progress)
    text = draft_yaml(draft(loaded.devices))
    _write(outputs, "yaml", {"yaml": lambda: text})
    return DONE


@commands.command()
@_folder
@_common
@click.option("--format", "form", default="mermaid", metavar="FORM", help="mermaid, dot.")
def graph(inventory: Path, form: str, outputs: tuple[str, ...], **rest: Any) -> int:
    """The paths as a graph, with the breaking hop marked."""
    from auditor.audit import audit as run
    from auditor.report.graph import dot, graph_of, mermaid

    options, progress, _ = _settled(rest, with_remedies=False)
    loaded = _loaded(inventory, options, progress)
    drawn = graph_of(run(loaded, options, progress))
    _write(outputs, form, {"mermaid": lambda: mermaid(drawn), "dot": lambda: dot(drawn)})
    return DONE


def _catalogue(kind: str, name: str | None, form: str) -> int:
    """Prints a registry: the list, or with a name its page."""
    from auditor import registry
    from auditor.errors import UsageError
    from auditor.report import catalogue

    found: dict[str, Any] = getattr(registry, kind)()
    if name is not None and name not in found:
        raise UsageError(f"there is nothing named {name!r}{_nearest(name, list(found))}")
    chosen = [found[name]] if name else list(found.values())
    page = getattr(catalogue, f"{kind[:-1]}_page")
    text = getattr(catalogue, f"{kind}_text")
    forms = {
        "table": lambda: page(chosen[0]) if name else text(chosen),
        "json": lambda: getattr(catalogue, f"{kind}_json")(chosen),
    }
    _write((), form, forms)
    return DONE


@commands.command()
@click.argument("name", required=False)
@click.option("--format", "form", default="table", metavar="FORM", help="table, json.")
def platforms(name: str | None, form: str) -> int:
    """The platforms that are read, and what each was held against."""
    return _catalogue("platforms", name, form)


@commands.command()
@click.argument("name", required=False)
@click.option("--format", "form", default="table", metavar="FORM", help="table, json.")
def systems(name: str | None, form: str) -> int:
    """The end systems that `system:` may name, and what is known of each."""
    return _catalogue("systems", name, form)


@commands.command()
@click.argument("rule", required=False)
@click.option("--format", "form", default="table", metavar="FORM", help="table, json.")
def rules(rule: str | None, form: str) -> int:
    """The rules that findings are named after; with a name, the whole page."""
    return _catalogue("rules", rule, form)


@commands.command()
@click.option("--kind", default="ikev2", type=click.Choice(["ikev2", "radius"]), show_default=True)
@click.option("--family", default="4", type=click.Choice(["4", "6"]), show_default=True)
@click.option("--path-mtu", "path_mtus", multiple=True, type=int, help="Count packets for this MTU. Repeatable.")
@click.option("--auth", default="certificate", type=click.Choice(AUTHS), show_default=True)
@click.option("--port", default="4500", type=click.Choice(["500", "4500"]), help="Of IKE_AUTH.", show_default=True)
@click.option("--fragment-size", default=1280, type=int, help="RFC 7383: bytes of IP datagram.", show_default=True)
@click.option("--no-fragmentation", is_flag=True, help="Without RFC 7383.")
@click.option("--cipher", default="aes-cbc", type=click.Choice(CIPHERS), show_default=True)
@click.option("--integrity", default="sha2-256", type=click.Choice(INTEGRITIES), show_default=True)
@click.option("--key", type=click.Choice(KEYS), help="Of the ends that sign.")
@click.option("--cert-size", "certificates", multiple=True, type=BYTES, help="Bytes of a certificate sent. Repeatable.")
@click.option("--responder-cert-size", "responder_certificates", multiple=True, type=BYTES, help="The responder's.")
@click.option("--certreq", "authorities", type=COUNT, help="Authorities named in CERTREQ, 20 bytes each.")
@click.option("--id-length", "identity", type=BYTES, help="Bytes of the initiator's identity.")
@click.option("--peer-id-length", "peer_identity", type=BYTES, help="Bytes of the responder's identity.")
@click.option("--childless", is_flag=True, help="IKE_AUTH without a CHILD_SA (RFC 6023).")
@click.option("--notifies", type=COUNT, help="Empty notifies in the IKE_AUTH request.")
@click.option("--responder-notifies", type=COUNT, help="And in its answer.")
@click.option("--extra", default=0, type=COUNT, help="Bytes of further payloads in IKE_AUTH.")
@click.option(
    "--eap-fragment-size", default=1480, type=BYTES, help="Bytes of TLS in the peer's EAP packet.", show_default=True
)
@click.option(
    "--challenge-fragment-size", default=1500, type=BYTES, help="Bytes of the server's EAP packet.", show_default=True
)
@click.option("--framed-mtu", type=click.IntRange(64, 65535), help="RADIUS Framed-MTU (RFC 2865 5.12).")
@click.option(
    "--attributes", "request_attributes", default=260, type=COUNT, help="Bytes of other attributes.", show_default=True
)
@click.option("--challenge-attributes", default=40, type=COUNT, help="And in the Access-Challenge.", show_default=True)
@click.option("--accounting", is_flag=True, help="With the accounting messages.")
@click.option("--dtls", is_flag=True, help="RADIUS over DTLS.")
@click.option("--format", "form", default="table", metavar="FORM", help="table, json.")
def size(form: str, family: str, port: str, no_fragmentation: bool, path_mtus: tuple[int, ...], **rest: Any) -> int:
    """The sizes of IKE_AUTH and RADIUS messages, summed line by line."""
    from auditor.messages.sizes import SizeOptions, sizes
    from auditor.report.size import size_json, size_text

    if path_mtus:
        rest["path_mtus"] = path_mtus
    version: Family = 4 if family == "4" else 6
    found = sizes(SizeOptions(family=version, port=int(port), fragmentation=not no_fragmentation, **rest))
    _write((), form, {"table": lambda: size_text(found), "json": lambda: size_json(found)})
    return DONE


def _settled(
    rest: dict[str, Any], *, with_paths: bool = True, with_remedies: bool = True
) -> "tuple[Options, Callable[[str], None], bool]":
    """The options as values, the way progress is shown, and whether colours are wanted."""
    from auditor.audit import Options
    from auditor.errors import UsageError

    if rest["templates"] and not rest["templates"].is_dir():
        raise UsageError(f"--templates: {rest['templates']} is no folder")
    data = []
    for pair in rest["data"]:
        key, sign, value = pair.partition("=")
        if not sign or not key:
            raise UsageError(f"--filter takes KEY=VALUE, not {pair!r}")
        data.append((key, value))
    options = Options(
        configs=rest["configs"],
        paths=rest["paths"],
        templates=rest["templates"],
        flows=rest["flows"],
        devices=rest["devices"],
        data=tuple(data),
        max_age=_age(rest["max_age"]) if rest["max_age"] else None,
        with_paths=with_paths,
        with_remedies=with_remedies,
    )
    shown = rest["verbose"] or (sys.stderr.isatty() and not rest["quiet"])
    progress = _tell if shown else (lambda _: None)
    return options, progress, sys.stdout.isatty() and not rest["no_color"]


def _tell(text: str) -> None:
    """A line of progress. It names devices and flows, so it is escaped as all else."""
    from auditor.report.shown import shown

    click.echo(shown(text), err=True)


def _age(text: str) -> Any:
    """``7d``, ``12h`` or ``90m`` as a time span."""
    from datetime import timedelta

    from auditor.errors import UsageError

    units = {"d": "days", "h": "hours", "m": "minutes", "w": "weeks"}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not number.isdigit():
        raise UsageError(f"--max-age takes a number and d, h, m or w, such as 7d, not {text!r}")
    return timedelta(**{units[unit]: int(number)})


def _loaded(folder: Path, options: "Options", progress: Callable[[str], None]) -> "Loaded":
    """The inventory, with the names that the options give checked against it."""
    from auditor.audit import load
    from auditor.errors import UsageError

    loaded = load(folder, options, progress)
    hosts = [*loaded.inventory.hosts, *loaded.devices]
    for name in options.devices:
        if name not in hosts:
            raise UsageError(f"there is no device {name!r}{_nearest(name, hosts)}")
    names = {flow.name for flow in loaded.inventory.flows}
    for name in options.flows:
        if name not in names and not any(one.startswith(f"{name}/") for one in names):
            raise UsageError(f"there is no flow {name!r}{_nearest(name, sorted(names))}")
    return loaded


def _nearest(name: str, names: list[str]) -> str:
    from difflib import get_close_matches

    found = get_close_matches(name, names, 1, 0.5)
    if found:
        return f"; the nearest name is {found[0]!r}"
    return f"; there are {', '.join(names[:8])}" if names else "; there are none"


def fails(report: "Report", fail_on: str) -> bool:
    """Whether a flow, or without a paths.yaml a finding, is at or above the threshold. ``blocked`` counts as breaks."""
    from auditor.model.findings import SEVERITY_ORDER, Verdict

    if fail_on == "never":
        return False
    if report.has_paths:
        return any(flow.verdict.rank >= Verdict(fail_on).rank for flow in report.flows)
    limit = SEVERITY_ORDER.index(fail_on)
    return any(SEVERITY_ORDER.index(one.severity) <= limit for one in report.findings)


def _write_all(report: "Report", form: str, outputs: tuple[str, ...], color: bool) -> None:
    """The report to standard output in one form, and to files in theirs."""
    from auditor.report import form_of, render

    targets = [form_of(output) for output in outputs]
    text = render(report, form, color=color)
    for file_form, path in targets:
        _save(Path(path), render(report, file_form))
    click.echo(text, nl=not text.endswith("\n"), color=True if color else None)


def _write(outputs: tuple[str, ...], form: str, forms: dict[str, Callable[[], str]]) -> None:
    from auditor.errors import UsageError

    if form not in forms:
        raise UsageError(f"this command has no form {form!r}; it has {', '.join(forms)}")
    text = forms[form]()
    for output in outputs:
        _save(Path(output), text)
    click.echo(text, nl=not text.endswith("\n"))


def _save(path: Path, text: str) -> None:
    from auditor.errors import UsageError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: the file can't be written: {error.strerror}") from None


if __name__ == "__main__":
    main()
