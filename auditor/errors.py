"""Every error that a user can cause. ``cli`` prints one line for it; anything else that is raised is a bug.

    AuditError                exit 2
    ├── UsageError            an option or argument that makes no sense
    ├── InventoryError        the folder, hosts.yaml, paths.yaml or another file of the inventory
    │   └── PathChoiceError   a hop whose interface can't be chosen
    ├── TemplateError         a template that TTP can't load, or that our rules forbid
    └── ConfigError           a config file that can't be opened

A device that can't be read is no error: it is a value in the report, and its hops are unknown.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.model.flows import Origin


class AuditError(Exception):
    """The run could not be done. The text is one line: file, line or key, and what would be right."""


class UsageError(AuditError):
    """An option or argument that makes no sense."""


class InventoryError(AuditError):
    """Something in the inventory folder is wrong."""

    def __init__(self, text: str, origin: "Origin | None" = None) -> None:
        super().__init__(f"{origin}: {text}" if origin else text)


class PathChoiceError(InventoryError):
    """Several interfaces of a hop would do and nothing chooses between them."""


class TemplateError(AuditError):
    """A template is broken; the text names it and the line."""


class ConfigError(AuditError):
    """A config file could not be opened."""
