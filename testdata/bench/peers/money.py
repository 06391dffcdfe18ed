# The fold of money.js in plain Python, with sqlite3, json and decimal.
import json
import sqlite3
import sys
from decimal import Decimal

state = {"items": [], "total": Decimal(0)}


def find(sku):
    for item in state["items"]:
        if item["sku"] == sku:
            return item
    return None


def added(data):
    item = find(data["sku"])
    if item:
        item["qty"] += data["qty"]
    else:
        state["items"].append({key: data[key] for key in ("sku", "qty", "price")})


def quantity_changed(data):
    item = find(data["sku"])
    if item:
        item["qty"] = data["qty"]


def removed(data):
    state["items"] = [item for item in state["items"] if item["sku"] != data["sku"]]


handlers = {"ItemAdded": added, "ItemQuantityChanged": quantity_changed, "ItemRemoved": removed}
db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
for kind, data in db.execute("SELECT type, data FROM asof_events WHERE stream = ? ORDER BY version", (sys.argv[2],)):
    if kind not in handlers:
        continue
    handlers[kind](json.loads(data, parse_float=Decimal))
    total = Decimal(0)
    for item in state["items"]:
        total += item["price"] * item["qty"]
    state["total"] = round(total, 2)
print(json.dumps(state, default=float))
