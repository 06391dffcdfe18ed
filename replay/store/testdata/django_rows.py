"""Writes a store with random row histories by django-simple-history and
django-reversion, and what the libraries say of the rows at many times.

    python3 django_rows.py STORE ANSWERS SEED
"""

import datetime
import decimal
import json
import random
import sys
import tempfile
import types
import uuid

import django
from django.conf import settings

store, answers, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
shop = sys.modules["shop"] = types.ModuleType("shop")
shop.__path__ = [tempfile.gettempdir()]
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": store}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "simple_history", "reversion", "shop"],
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
import reversion
from reversion.models import Revision, Version
from simple_history.models import HistoricalRecords
from simple_history.utils import update_change_reason


class Account(models.Model):
    owner = models.CharField(max_length=50, null=True)
    balance = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    tags = models.JSONField(null=True)
    active = models.BooleanField(default=True)
    seen = models.DateTimeField(null=True)
    history = HistoricalRecords()

    class Meta:
        app_label = "shop"


class Item(models.Model):
    code = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, models.DO_NOTHING, null=True, db_constraint=False)
    photo = models.BinaryField(null=True)
    history = HistoricalRecords(history_id_field=models.UUIDField(default=uuid.uuid4), table_name="item_versions")

    class Meta:
        app_label = "shop"
        db_table = "item"


class Note(models.Model):
    title = models.CharField(max_length=50, null=True)
    account = models.ForeignKey(Account, models.DO_NOTHING, null=True, db_constraint=False)
    facts = models.JSONField(null=True)

    class Meta:
        app_label = "shop"


reversion.register(Note)
with connection.schema_editor() as editor:
    for model in [ContentType, *(m for m in django.apps.apps.get_models() if m is not ContentType)]:
        editor.create_model(model)

rng = random.Random(seed)
users = [User.objects.create(username=name) for name in ("ann", "bob")]
now = datetime.datetime(2026, 3, 1, 9, 0, tzinfo=datetime.timezone.utc)
times = []


def tick():
    global now
    now += datetime.timedelta(microseconds=rng.choice([1, 1000, 1_000_000, 90_000_000, 61_500_123]))
    times.append(now)
    return now


def some(*values):
    return rng.choice([None, *values])


def fill(row):
    if isinstance(row, Account):
        row.owner = some("ann", "", "Ü/~1", "x" * 20)
        row.balance = some(decimal.Decimal(rng.randrange(-99999, 99999)) / 100)
        row.tags = some({"a": 1, "b": None}, {"a": {"deep": [1, 2]}}, [], "text", 7)
        row.active = rng.random() < 0.5
        row.seen = some(now)
    elif isinstance(row, Item):
        row.account_id = some(1, 2, 99)
        row.photo = some(b"\x00\xff", b"text", b"")
    else:
        row.title, row.account_id = some("a", "", "long"), some(1, 2)
        row.facts = some({"a": 1, "b": None}, [1])


def change(model, key):
    row = model.objects.filter(pk=key).first()
    if row is not None and rng.random() < 0.2:
        row._history_date = tick()
        row.delete()
        return
    row = row or model(pk=key)
    if rng.random() < 0.9:  # or else a version without a change
        fill(row)
    row._history_date, row._history_user = tick(), some(*users)
    if rng.random() < 0.3:
        row._change_reason = "because"
    row.save()


def note(key):
    with reversion.create_revision():
        reversion.set_date_created(tick())
        reversion.set_user(rng.choice(users))
        reversion.set_comment(some("why") or "")
        row = Note.objects.filter(pk=key).first() or Note(pk=key)
        fill(row)
        row.save()


codes = [uuid.UUID(int=rng.getrandbits(128)) for _ in range(3)]
for _ in range(70):
    try:
        with transaction.atomic():
            what = rng.random()
            if what < 0.5:
                change(Account, rng.randrange(1, 5))
            elif what < 0.8:
                change(Item, rng.choice(codes))
            else:
                note(rng.randrange(1, 4))
            if rng.random() < 0.1:
                raise InterruptedError
    except InterruptedError:
        ContentType.objects.clear_cache()  # it may hold a row that was rolled back


def plain(v):
    if isinstance(v, datetime.datetime):
        return v.replace(tzinfo=None).isoformat(" ")
    if isinstance(v, decimal.Decimal):
        return {"number": str(v)}
    if isinstance(v, uuid.UUID):
        return v.hex
    if isinstance(v, (bytes, memoryview)):
        import base64
        return base64.b64encode(bytes(v)).decode()
    return v


def columns(row):
    return {f.attname: plain(getattr(row, f.attname)) for f in row._meta.concrete_fields}


out = []
asked = sorted({t + datetime.timedelta(microseconds=d) for t in times for d in rng.sample([-1, 0, 1, 500], 1)})
for at in asked:
    rows = {}
    for model, table in ((Account, "shop_account"), (Item, "item")):
        for row in model.history.as_of(at):
            rows["%s/%s" % (table, plain(row.pk))] = columns(row)
    out.append({"dialect": "simple-history", "at": at.isoformat(), "rows": rows})
    rows = {}
    for key in range(1, 4):
        version = Version.objects.get_for_object_reference(Note, key).filter(revision__date_created__lte=at).first()
        if version:
            row = {("pk" if k == "id" else k[:-3] if k.endswith("_id") else k): plain(v) for k, v in version.field_dict.items()}
            rows["shop_note/%d" % key] = row
    out.append({"dialect": "reversion", "at": at.isoformat(), "rows": rows})
with open(answers, "w") as f:
    json.dump(out, f)
