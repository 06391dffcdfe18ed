# The fold by merge in plain Python, with sqlite3, json and dict.
import json
import sqlite3
import sys


def merge(target, patch):
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict):
            old = target.get(key)
            target[key] = merge(old if isinstance(old, dict) else {}, value)
        else:
            target[key] = value
    return target


db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
state = {}
for (data,) in db.execute("SELECT data FROM asof_events WHERE stream = ? ORDER BY version", (sys.argv[2],)):
    merge(state, json.loads(data))
print(json.dumps(state))
