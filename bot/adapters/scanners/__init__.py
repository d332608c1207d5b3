"""Scanners of images: Trivy, Clair, Aqua, and reports of any that writes SARIF."""
