"""The three stages: harvest, normalise, deliver. Each reads, thinks, acts and records; the worker calls them."""
