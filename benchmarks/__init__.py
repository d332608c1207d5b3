"""Benchmarks: they print ratios against peers that run side by side, and never fail a build."""
