"""The engine of the hub: harvest, normalise, review, deliver."""
