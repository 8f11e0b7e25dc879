"""The console: where the editorial board, the technician and the duty officer work."""
