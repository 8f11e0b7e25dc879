"""The schema's history, oldest first; `python -m hub.store.makemigrations` writes the next file."""
