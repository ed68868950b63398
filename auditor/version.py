"""The version, a constant: reading it from package metadata costs more time than parsing a small config."""

__version__ = "0.1.0"
