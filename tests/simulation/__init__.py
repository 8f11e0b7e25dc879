"""Simulated histories of the whole pipeline: one seed is one history, and the promises are checked after each step."""
