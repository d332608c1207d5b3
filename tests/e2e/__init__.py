"""Webhook to review, against the sandbox, under GitHub's own contract."""
