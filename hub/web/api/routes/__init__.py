"""Routes of the API: every module here defines ROUTES, a tuple of operations (hub/web/api/operation.py)."""
