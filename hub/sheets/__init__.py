"""What an item says, section by section in the order people know, on pages and in files to take away."""
