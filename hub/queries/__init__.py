"""Questions that people and pages ask: one file a question, read-only, plain values out."""
