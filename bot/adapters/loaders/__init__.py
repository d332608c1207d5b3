"""Files of a tree."""

from bot.adapters.loaders.disk import DiskFiles
from bot.adapters.loaders.plain import STDIN, SUFFIXES, Entry, Found, collect, find, read_entry

__all__ = ["STDIN", "SUFFIXES", "DiskFiles", "Entry", "Found", "collect", "find", "read_entry"]
