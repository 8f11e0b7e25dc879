"""The names of the work queues; a queue a destination, so that a slow one holds up nobody."""

HARVEST = "hub.harvest"  #: source names that are due
NORMALISE = "hub.normalise"  #: ids of captures


def deliver(destination: str) -> str:
    """The queue of one destination: ids of deliveries."""
    return f"hub.deliver.{destination}"
