package jsonfile

import (
	"bytes"
	"sort"

	"asof/replay"
	"asof/replay/store/cell"
)

// Change records are what tools print that read a database's log: Debezium, wal2json and
// Maxwell. An event is the version of a row, its stream is TABLE/KEY and its category the
// table. The table has its schema or database before it, except public of PostgreSQL.
// Types are insert, update and delete, and snapshot for a row that was there when the tool
// began. A change whose record does not say which columns are the key is in the stream of
// its column id; without that, it is left out and counted. Records without a row, such as
// tombstones, truncates and changes of schemas, are left out and counted too.

const (
	changeInsert   = "insert"
	changeUpdate   = "update"
	changeDelete   = "delete"
	changeSnapshot = "snapshot"
)

// setChange sets the type of a change and what it does to its row. whole is set if the
// payload has all columns.
func (e *event) setChange(typ string, whole bool) {
	e.typ = []byte(typ)
	switch {
	case typ == changeDelete:
		e.row = replay.RowGone
	case whole:
		e.row = replay.RowFull
	default:
		e.row = replay.RowSet
	}
}

// setRow sets the stream and the category of a change. Keys are JSON values; without one,
// or with NULL, the change is left out.
func (e *event) setRow(space, table []byte, keys [][]byte) *cell.TextError {
	name := table
	if len(space) > 0 && string(space) != "public" {
		name = append(append(append([]byte{}, space...), '.'), table...)
	}
	if len(keys) == 0 {
		e.leftOut = keyless
		return nil
	}
	id := escapeToken(nil, name)
	for _, k := range keys {
		m := cell.Member{Value: k}
		var text []byte
		switch k[0] {
		case 'n':
			e.leftOut = keyless
			return nil
		case '{', '[':
			text = k
		default:
			var f *cell.TextError
			if text, f = m.Label(); f != nil {
				return f
			}
		}
		id = escapeToken(append(id, '/'), text)
	}
	e.stream, e.category = id, name
	return nil
}

// escapeToken appends a token of the name of a stream.
func escapeToken(dst, token []byte) []byte {
	for _, c := range token {
		switch c {
		case '~':
			dst = append(dst, "~0"...)
		case '/':
			dst = append(dst, "~1"...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// idOf returns the column id of rows, of the first that has it, or nil.
func idOf(rows ...[]cell.Member) [][]byte {
	for _, row := range rows {
		if m := cell.MemberNamed(row, "id"); m != nil {
			return [][]byte{m.Value}
		}
	}
	return nil
}

// valuesOf returns the values of the named columns, of the first row that has them all.
func valuesOf(names []string, rows ...[]cell.Member) [][]byte {
	for _, row := range rows {
		var out [][]byte
		for _, name := range names {
			for i := range row {
				if string(row[i].Key) == name {
					out = append(out, row[i].Value)
					break
				}
			}
		}
		if len(out) == len(names) && len(out) > 0 {
			return out
		}
	}
	return nil
}

// elements returns the elements of an array.
func elements(array []byte) [][]byte {
	if len(array) == 0 || array[0] != '[' {
		return nil
	}
	var out [][]byte
	for i := cell.SkipSpaces(array, 1); i < len(array) && array[i] != ']'; i = cell.SkipSpaces(array, i+1) {
		end, ok := cell.SkipJSON(array, i)
		if !ok {
			return out
		}
		out = append(out, array[i:end:end])
		if i = cell.SkipSpaces(array, end); i >= len(array) || array[i] != ',' {
			return out
		}
	}
	return out
}

// names returns an array of strings.
func names(m *cell.Member) ([]string, *cell.TextError) {
	if m == nil {
		return nil, nil
	}
	if m.Value[0] != '[' {
		return nil, m.Fault("a list of names")
	}
	var out []string
	for _, el := range elements(m.Value) {
		one := cell.Member{Key: m.Key, Value: el, At: m.At}
		text, f := one.Text()
		if f != nil {
			return nil, f
		}
		out = append(out, string(text))
	}
	return out, nil
}

// rowOf returns the members of a row, which are none for null.
func rowOf(m *cell.Member) ([]cell.Member, *cell.TextError) {
	if m == nil {
		return nil, nil
	}
	return m.Within()
}

// unpacked returns the object in a member, which may be JSON within a string. It is nil if
// the value is another one.
func unpacked(m *cell.Member) []cell.Member {
	if m == nil {
		return nil
	}
	text := m.Value
	if text[0] == '"' {
		inside, f := m.Text()
		if f != nil {
			return nil
		}
		text = bytes.TrimSpace(inside)
	}
	if len(text) == 0 || text[0] != '{' {
		return nil
	}
	var scan cell.Scanner
	members, f := scan.Object(text)
	if f != nil {
		return nil
	}
	return append([]cell.Member(nil), members...)
}

// A transaction is what wal2json says of all changes in a list.
type transaction struct {
	off         int64 // of the first change in the file
	correlation []byte
	at          *cell.Member
	size        int // of the text that both are in
}

// transactionAround returns the text before a list of changes, as an object, or nil.
func transactionAround(before []byte) []byte {
	if !bytes.Contains(before, []byte(`"change"`)) {
		return nil
	}
	return append(bytes.Clone(before), "]}"...)
}

// surround adds what the transaction of a change says.
func (x *indexer) surround(e *event, t *Text) *cell.TextError {
	if t.around == nil {
		return nil
	}
	if n := len(x.transactions); n == 0 || t.page != x.page {
		x.page = t.page
		x.transactions = append(x.transactions, transactionOf(t.around, t.off))
	}
	return e.within(x.transactionAt(t.off), 0)
}

// transactionOf reads what stands around a list of changes.
func transactionOf(around []byte, off int64) transaction {
	x := transaction{off: off, size: len(around)}
	members, ok := cell.WalkObject(around, nil)
	if !ok {
		return x
	}
	if m := cell.MemberNamed(members, "xid"); m != nil {
		x.correlation, _ = m.Label()
	}
	x.at = cell.MemberNamed(members, "timestamp")
	return x
}

// within adds what the transaction of a change says.
func (e *event) within(x *transaction, skip replay.Fields) *cell.TextError {
	if skip&replay.FieldMeta == 0 {
		e.correlation = x.correlation
	}
	if x.at == nil || skip&replay.FieldTime != 0 {
		return nil
	}
	return e.looseTime(x.at)
}

// transactionAt returns the transaction of the change at an offset, or nil.
func (x *index) transactionAt(off int64) *transaction {
	i := sort.Search(len(x.transactions), func(i int) bool { return x.transactions[i].off > off })
	if i == 0 {
		return nil
	}
	return &x.transactions[i-1]
}

// mostEmpty is the size up to which an object at the beginning of a file is looked at
// as a transaction without changes.
const mostEmpty = 4 << 10

// atEmptyTransaction reports whether the next object is a transaction without changes.
func (s *Splitter) atEmptyTransaction() bool {
	head := s.Rest()
	if len(head) > mostEmpty {
		head = head[:mostEmpty]
	}
	end, ok := cell.SkipJSON(head, 0)
	if !ok || !bytes.Contains(head[:end], []byte(`"change"`)) {
		return false
	}
	was := s.key
	s.key = "change"
	empty := s.isEmptyPage(head[:end])
	if !empty {
		s.key = was
	}
	return empty
}
