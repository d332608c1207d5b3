"""Files of a tree."""

from bot.adapters.loaders.plain import STDIN, SUFFIXES, Entry, Found, collect, find, read_entry

__all__ = ["STDIN", "SUFFIXES", "Entry", "Found", "collect", "find", "read_entry"]
