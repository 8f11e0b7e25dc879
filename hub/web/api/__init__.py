"""The API: what programs read, send and do. One description of each route serves its handler and its document."""
