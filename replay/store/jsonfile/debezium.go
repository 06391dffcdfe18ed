package jsonfile

import (
	"asof/replay"
	"asof/replay/store/cell"
)

// debezium is Debezium 1 to 3: a record {before, after, source, op, ts_ms}, alone or as
// the payload next to its schema. It may be in a message with its key: {"key":…,"value":…},
// or what kcat -J prints. The key of the message names the row; without one, the column id
// does. op is c, u, d or r, the state of a row when Debezium began, which is a snapshot.
// A column with the mark of an unavailable value is unchanged.
//
// A change of a key is two records: the delete of the old row, which ends its stream, and the
// insert of the new one, which begins another. Only headers of their messages, which name the
// other key, link them; no stream continues under another name.
//
// The time is when the database committed: source.ts_ns, which Debezium 2.6 has first, or else
// ts_us or ts_ms. Without these it is that of the record, of the same names. The transaction is
// the correlation, and the source is the metadata.
var debezium = form{
	dialect: "debezium", rows: true,
	how:   "the first record has op and source; the stream is the table and the key",
	needs: "op and source",
	fits: func(m []cell.Member) bool {
		r := messageOf(m)
		return cell.HasMember(r.value, "op") && cell.HasMember(r.value, "source") &&
			(cell.HasMember(r.value, "before") || cell.HasMember(r.value, "after"))
	},
	timeUnit: cell.UnitNamed("ms"),
	read:     readDebezium,
}

// A message is a record of Debezium and what it came with.
type message struct {
	value     []cell.Member
	key       *cell.Member // as far as there is one
	tombstone bool
}

// messageOf unwraps a record from its message and its schema.
func messageOf(members []cell.Member) message {
	r := message{value: members, key: cell.MemberNamed(members, "key")}
	if r.unwrap("value") || r.unwrap("payload") {
		r.unwrap("payload")
	}
	return r
}

// unwrap goes to the object in a member, as far as there is one.
func (r *message) unwrap(name string) bool {
	if r.tombstone || !cell.HasMember(r.value, name) || cell.HasMember(r.value, "op") || name == "value" && !cell.HasMember(r.value, "key") {
		return false
	}
	m := cell.MemberNamed(r.value, name)
	if r.tombstone = m == nil; r.tombstone {
		return false
	}
	inner := unpacked(m)
	if inner != nil {
		r.value = inner
	}
	return inner != nil
}

// keysOf returns the values of the key of a message.
func (r *message) keysOf() [][]byte {
	if r.key == nil {
		return nil
	}
	members := unpacked(r.key)
	if members == nil {
		return [][]byte{r.key.Value}
	}
	if inner := unpacked(cell.MemberNamed(members, "payload")); inner != nil && cell.HasMember(members, "schema") {
		members = inner
	}
	var out [][]byte
	for i := range members {
		out = append(out, members[i].Value)
	}
	return out
}

var debeziumTypes = map[string]string{`"c"`: changeInsert, `"u"`: changeUpdate, `"d"`: changeDelete, `"r"`: changeSnapshot}

func readDebezium(members []cell.Member, e *event, skip replay.Fields) *cell.TextError {
	r := messageOf(members)
	op, src := cell.MemberNamed(r.value, "op"), cell.MemberNamed(r.value, "source")
	switch {
	case r.tombstone:
		e.leftOut = tombstones
		return nil
	case op == nil && isDebeziumNote(r.value):
		e.leftOut = ofDebezium
		return nil
	case op == nil:
		return missing("op")
	case string(op.Value) == `"t"`:
		e.leftOut = truncates
		return nil
	case string(op.Value) == `"m"`:
		e.leftOut = messages
		return nil
	case src == nil:
		return missing("source")
	}
	typ, ok := debeziumTypes[string(op.Value)]
	if !ok {
		return op.Fault("c, u, d, r, t or m")
	}
	source, f := src.Within()
	if f != nil {
		return f
	}
	before, f := rowOf(cell.MemberNamed(r.value, "before"))
	if f != nil {
		return f
	}
	after, f := rowOf(cell.MemberNamed(r.value, "after"))
	if f != nil {
		return f
	}
	if f := e.debeziumRow(typ, cell.MemberNamed(r.value, "before"), cell.MemberNamed(r.value, "after"), after); f != nil {
		return f
	}
	if f := e.debeziumStream(&r, source, after, before); f != nil {
		return f
	}
	return e.debeziumEnvelope(&r, source, src, skip)
}

// isDebeziumNote reports whether a record is of another topic than those of tables.
func isDebeziumNote(m []cell.Member) bool {
	return cell.HasMember(m, "status") && cell.HasMember(m, "id") || cell.HasMember(m, "ddl") || len(m) == 1 && cell.HasMember(m, "ts_ms")
}

// unavailable is the value of a column that the log does not have, because it did not
// change.
const unavailable = `"__debezium_unavailable_value"`

func (e *event) debeziumRow(typ string, before, after *cell.Member, columns []cell.Member) *cell.TextError {
	if typ == changeDelete {
		e.setChange(typ, true)
		if before != nil {
			e.data = before.Value
		}
		return nil
	}
	if after == nil {
		return missing("after")
	}
	whole := true
	for i := range columns {
		whole = whole && string(columns[i].Value) != unavailable
	}
	e.setChange(typ, whole)
	if e.data = after.Value; !whole {
		e.data = []byte{'{'}
		for i := range columns {
			if c := &columns[i]; string(c.Value) != unavailable {
				e.data = appendMember(e.data, string(c.Key), c.Value)
			}
		}
		e.data = append(e.data, '}')
	}
	return nil
}

// appendMember appends a member to an object that is not closed.
func appendMember(dst []byte, key string, value []byte) []byte {
	if len(dst) > 1 {
		dst = append(dst, ',')
	}
	return append(append(cell.AppendJSON(dst, key), ':'), value...)
}

func (e *event) debeziumStream(r *message, source, after, before []cell.Member) *cell.TextError {
	var space, table []byte
	var f *cell.TextError
	for _, p := range []struct {
		into *[]byte
		from []string
	}{{&table, []string{"table"}}, {&space, []string{"schema", "db"}}} {
		for _, name := range p.from {
			m := cell.MemberNamed(source, name)
			if m == nil || *p.into != nil {
				continue
			}
			if *p.into, f = m.Text(); f != nil {
				return f
			}
		}
	}
	if len(table) == 0 {
		return missing("table in its source")
	}
	keys := r.keysOf()
	if keys == nil {
		keys = idOf(after, before)
	}
	return e.setRow(space, table, keys)
}

func (e *event) debeziumEnvelope(r *message, source []cell.Member, src *cell.Member, skip replay.Fields) *cell.TextError {
	if skip&replay.FieldMeta == 0 {
		e.raw = src.Value
		transaction := cell.MemberNamed(source, "txId")
		if gtid := cell.MemberNamed(source, "gtid"); transaction == nil {
			transaction = gtid
		}
		if m := cell.MemberNamed(r.value, "transaction"); m != nil {
			inner, f := m.Within()
			if f != nil {
				return f
			}
			if id := cell.MemberNamed(inner, "id"); id != nil {
				transaction = id
			}
		}
		if transaction != nil {
			var f *cell.TextError
			if e.correlation, f = transaction.Label(); f != nil {
				return f
			}
		}
	}
	if skip&replay.FieldTime != 0 {
		return nil
	}
	some, f := e.finestTime(source)
	if !some {
		_, f = e.finestTime(r.value)
	}
	return f
}

// finestTime sets the time to the finest of a record's or its source's, if it has one.
func (e *event) finestTime(of []cell.Member) (some bool, f *cell.TextError) {
	for _, unit := range []struct {
		name string
		ms   int64 // units in one
	}{{"ts_ns", 1e6}, {"ts_us", 1e3}, {"ts_ms", 1}} {
		m := cell.MemberNamed(of, unit.name)
		if m == nil || string(m.Value) == "0" {
			continue
		}
		n, ok, f := m.Integer()
		switch {
		case ok && f == nil:
			e.time, e.mark, e.noTime = e.clock.Number(cell.Parts(n, unit.ms))
			return true, nil
		case unit.ms == 1:
			return true, e.looseTime(m)
		}
	}
	return false, nil
}
