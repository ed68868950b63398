"""hosts.yaml, paths.yaml and the files beside them → Inventory; every complaint names file, line and key.

Nothing is opened outside the folder (and the places that the user names on the command line), nothing in it is run.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from auditor.errors import ConfigError, InventoryError
from auditor.inventory.document import without_collector
from auditor.inventory.folder import decode, open_folder, read_bytes
from auditor.inventory.paths import Paths, read_paths
from auditor.inventory.roster import read_roster
from auditor.inventory.routes import parse_routes
from auditor.inventory.scope import Scope
from auditor.model.device import Routing
from auditor.model.flows import Host, Inventory

__all__ = ["load", "read_configs", "read_routes"]


def load(
    folder: Path,
    *,
    aliases: Mapping[str, str],
    systems: Collection[str],
    configs: Path | None = None,
    paths: Path | None = None,
    with_paths: bool = True,
) -> Inventory:
    """An inventory folder, a snapshot, or a bare folder of saved configs.

    ``aliases`` maps every spelling of the platforms that have a template to their name; ``systems`` are the names that
    ``system:`` may have. ``configs`` and ``paths`` are looked at instead of the folder's own ``configs/`` and of its
    ``paths.yaml`` with ``paths.d/``; without ``with_paths`` neither is opened, and there are no flows.
    Raises InventoryError for whatever is wrong with any of them; config files are only located, not opened.
    """
    place = open_folder(folder, configs)
    with without_collector():
        roster = read_roster(place, aliases)
        scope = Scope(records=roster.records, systems=systems, aliases=aliases)
        said = read_paths(place, paths, scope) if with_paths else Paths(endpoints={}, flows=(), found=False)
    return Inventory(
        folder=str(folder),
        hosts=roster.hosts,
        endpoints=said.endpoints,
        flows=said.flows,
        bare=roster.bare,
        has_paths=said.found,
        unclaimed=roster.unclaimed,
        notes=(*roster.notes, *said.notes),
    )


def read_configs(folder: Path, host: Host) -> list[tuple[str, bytes]]:
    """The config files of a host as (path relative to the folder, bytes). Raises ConfigError for an unreadable one."""
    found = []
    for name in host.configs:
        try:
            found.append((name, read_bytes(folder.resolve() / name, name)))
        except InventoryError as error:
            raise ConfigError(str(error)) from None
    return found


def read_routes(folder: Path, host: Host) -> tuple[Routing, str | None]:
    """The collected routes of a host and the time of their collection (ISO, None if unsaid); no routes without a file.

    Each route's evidence is the line where its entry begins. Raises InventoryError, with file and line, for a file that
    the schema doesn't allow.
    """
    if host.routes is None:
        return Routing(), None
    return parse_routes(decode(read_bytes(folder.resolve() / host.routes, host.routes), host.routes), host.routes)
