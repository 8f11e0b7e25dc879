"""The schema's history as a later release would have it: the real migrations and one more, which alone has SQL here."""
