"""Attachments and dropped files: what they really are, and their text. file.py is the way in."""
