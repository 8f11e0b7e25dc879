"""Visits: files of counts as sites and their counters write them, and counters that stand on a page."""
