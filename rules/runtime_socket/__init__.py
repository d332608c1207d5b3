"""The rule runtime-socket."""
