package rowdoc

import (
	"bytes"

	"asof/replay/store/cell"
)

// A Merger applies changes to rows without building their values. It reuses its memory.
type Merger struct{ before, changes cell.Scanner }

// mostPairs is the maximum number of columns that are compared with each other.
const mostPairs = 4096

// Append appends the row after changes of the form {column: [old, new]} to dst, like
// [Doc.Then]. A before of nil is a row without columns, and changes of nil are none. ok is
// false for documents that [Parse] must read: those that are not plain objects of that form,
// and changes of no column.
func (m *Merger) Append(dst, before, changes []byte) (out []byte, ok bool) {
	columns, ok := plainObject(&m.before, before)
	if !ok {
		return dst, false
	}
	changed, ok := plainObject(&m.changes, changes)
	if !ok || changes != nil && len(changed) == 0 || len(columns)*len(changed) > mostPairs {
		return dst, false
	}
	for i := range changed {
		if changed[i].Elements != 2 {
			return dst, false
		}
		changed[i].Value = changed[i].Last
	}
	size := len(dst)
	add := func(key, value []byte) {
		separator := byte(',')
		if len(dst) == size {
			separator = '{'
		}
		dst = append(cell.AppendJSON(append(dst, separator), string(key)), ':')
		dst = append(dst, value...)
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
	if len(dst) == size {
		dst = append(dst, '{')
	}
	return append(dst, '}'), true
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
