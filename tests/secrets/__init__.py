"""Secrets and what only looks like one."""
