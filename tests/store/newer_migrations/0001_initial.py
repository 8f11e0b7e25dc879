"""The product's own first migration."""

from importlib import import_module

Migration = import_module("hub.store.migrations.0001_initial").Migration
