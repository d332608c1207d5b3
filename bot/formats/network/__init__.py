"""Who may talk to whom, as text, pictures and answers."""
