"""Any XML, JSON or table by the mappings of the settings, and what the interfaces of content systems share."""
