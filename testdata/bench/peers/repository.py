# The fold of bysku.js with the Python library eventsourcing: repository.get of one
# aggregate, without snapshots.
import json
import sys
from decimal import Decimal
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.utils import register_topic


class Cart(Aggregate):
    @event("CartOpened")
    def __init__(self, customer, channel, currency):
        self.customer = customer
        self.items = {}
        self.n = 1

    class ItemAdded(Aggregate.Event):
        sku: str
        qty: int
        price: Decimal

        def apply(self, aggregate):
            aggregate.n += 1
            aggregate.items[self.sku] = {"qty": self.qty, "price": self.price}

    class ItemQuantityChanged(Aggregate.Event):
        sku: str
        qty: int

        def apply(self, aggregate):
            aggregate.n += 1
            item = aggregate.items.get(self.sku)
            if item is not None:
                item["qty"] = self.qty

    class ItemRemoved(Aggregate.Event):
        sku: str

        def apply(self, aggregate):
            aggregate.n += 1
            aggregate.items.pop(self.sku, None)


register_topic("shop.domain:Cart", Cart)  # the name in the store

app = Application(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": sys.argv[1]})
cart = app.repository.get(UUID(sys.argv[2]))
print(json.dumps({"customer": cart.customer, "items": cart.items, "n": cart.n}, default=float))
app.close()
