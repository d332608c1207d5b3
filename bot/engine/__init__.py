"""Pure: text in, findings and edits out."""
