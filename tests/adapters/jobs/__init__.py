"""Durable jobs on SQLite and on PostgreSQL, and the fake that stands for them."""
