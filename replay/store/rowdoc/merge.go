package rowdoc

import (
	"bytes"

	"asof/replay/store/cell"
)

// A Merger applies changes to rows without building their values. It reuses its memory. The
// row after a version is most often the row before the next one, which is not scanned again.
type Merger struct {
	before, changes cell.Scanner

	out     [2][]byte // the last rows; the members of the last are in one of them
	at      int
	members []place // of the last row
	columns []cell.Member
}

// A place is a member of a row: where its key and its value begin and end.
type place struct{ key, keyEnd, value, valueEnd int }

// mostPairs is the maximum number of columns that are compared with each other.
const mostPairs = 4096

// After returns the row after changes of the form {column: [old, new]}, like [Doc.Then]. It is
// valid until the next but one call. A before of nil is a row without columns, and changes of
// nil are none. ok is false for documents that [Parse] must read: those that are not plain
// objects of that form, and changes of no column.
func (m *Merger) After(before, changes []byte) (after []byte, ok bool) {
	columns, ok := m.columnsOf(before)
	if !ok {
		return nil, false
	}
	changed, ok := plainObject(&m.changes, changes)
	if !ok || changes != nil && len(changed) == 0 || len(columns)*len(changed) > mostPairs {
		return nil, false
	}
	for i := range changed {
		if changed[i].Elements != 2 {
			return nil, false
		}
		changed[i].Value = changed[i].Last
	}
	m.at = 1 - m.at
	dst := m.out[m.at][:0]
	m.members = m.members[:0]
	add := func(key, value []byte) {
		separator := byte(',')
		if len(dst) == 0 {
			separator = '{'
		}
		dst = append(dst, separator, '"') // nothing in the key needs an escape
		p := place{key: len(dst)}
		dst = append(dst, key...)
		p.keyEnd = len(dst)
		dst = append(dst, '"', ':')
		p.value = len(dst)
		dst = append(dst, value...)
		p.valueEnd = len(dst)
		m.members = append(m.members, p)
	}
	for _, c := range columns {
		value := c.Value
		for i := range changed {
			if changed[i].Key != nil && bytes.Equal(changed[i].Key, c.Key) {
				value, changed[i].Key = changed[i].Value, nil
			}
		}
		add(c.Key, value)
	}
	for _, c := range changed {
		if c.Key != nil {
			add(c.Key, c.Value)
		}
	}
	if len(dst) == 0 {
		dst = append(dst, '{')
	}
	m.out[m.at] = append(dst, '}')
	return m.out[m.at], true
}

// columnsOf returns the members of a row.
func (m *Merger) columnsOf(row []byte) ([]cell.Member, bool) {
	last := m.out[m.at]
	if len(last) == 0 || !bytes.Equal(row, last) {
		return plainObject(&m.before, row)
	}
	m.columns = m.columns[:0]
	for _, p := range m.members {
		m.columns = append(m.columns, cell.Member{Key: last[p.key:p.keyEnd:p.keyEnd], Value: last[p.value:p.valueEnd:p.valueEnd]})
	}
	return m.columns, true
}

// plainObject returns the members of an object that has no key twice, no key with a
// backslash and no number that JSON does not have.
func plainObject(s *cell.Scanner, doc []byte) ([]cell.Member, bool) {
	if doc == nil {
		return nil, true
	}
	members, err := s.Object(doc)
	if err != nil || s.Odd != 0 {
		return nil, false
	}
	for i := range members {
		if members[i].Key == nil {
			members[i].Key = []byte{}
		}
		if bytes.IndexByte(members[i].Key, '\\') >= 0 {
			return nil, false
		}
	}
	return members, true
}
