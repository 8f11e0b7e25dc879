"""The product's own index of the search."""

from importlib import import_module

Migration = import_module("hub.store.migrations.0000_search").Migration
