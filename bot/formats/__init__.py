"""Pure: report to text, JSON, SARIF, review and pull request."""
