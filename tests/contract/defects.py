"""All connectors that were broken on purpose: the table that the contract is tried against.

Each defect has a name, a sentence, the connectors it is tried on and the check that must see it; they are written down
in defects_of_bodies.py, defects_of_items.py and defects_of_fetching.py, in the words of sabotage.py.
"""

from tests.contract import defects_of_bodies, defects_of_fetching, defects_of_items
from tests.contract.sabotage import DEFECTS, broken

__all__ = ["DEFECTS", "broken", "defects_of_bodies", "defects_of_fetching", "defects_of_items"]
