"""Lists that a board can edit, shipped with the hub and read once."""
