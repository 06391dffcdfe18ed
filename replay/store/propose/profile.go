package propose

import (
	"bytes"
	"encoding/json"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/table"
)

// A column is what the sample says of one.
type column struct {
	*table.Column
	at    int // in a row
	name  string
	short string // without the prefix that all names have; empty where there is none
	words []string

	of, within string // of a member of a JSON column: the column, and its place there

	filled, whole, texts, objects, times, binary int
	distinct                                     int
	rising                                       bool // whole numbers, each greater than the one before
	uuids                                        int
}

// A Sample is some rows of a table.
type Sample struct {
	Rows  [][]cell.Value // as many values as the table has columns
	Whole bool           // the table has no others

	// Events is set for the events of a file: a column is a member, and the rowid is the
	// order in the file.
	Events bool
}

// profile looks at every column of the sample. The last ones are members of JSON columns.
func profile(t *table.Table, s *Sample, members []member) []*column {
	stored := len(t.Cols) - len(members)
	names := make([][]string, len(t.Cols))
	for i, c := range t.Cols[:stored] {
		names[i] = words(c.Name)
	}
	common := prefix(names[:stored])
	out := make([]*column, len(t.Cols))
	for i := range t.Cols {
		c := &column{Column: &t.Cols[i], at: i, rising: true}
		if i >= stored {
			m := &members[i-stored]
			c.of, c.within = m.of, m.at.String()
			names[i], c.short = m.words()
		} else if common != "" {
			c.short = strings.Join(names[i][1:], "")
		}
		c.words, c.name = names[i], strings.Join(names[i], "")
		c.look(s)
		out[i] = c
	}
	return out
}

// look counts what the values are.
func (c *column) look(s *Sample) {
	var payloads cell.PayloadDecoder
	times := cell.NewTimes(nil, "", nil)
	seen := map[string]bool{}
	var last int64
	for i, row := range s.Rows {
		v := row[c.at]
		if v.Kind == cell.Null {
			c.rising = false
			continue
		}
		c.filled++
		if n, ok := v.Integer(); ok {
			c.whole++
			c.rising = c.rising && (i == 0 || n > last)
			last = n
		} else {
			c.rising = false
		}
		text := v.Text()
		seen[string(text)] = true
		if v.Kind == cell.Text || v.Kind == cell.Blob {
			c.texts++
			if hex, ok := cell.UUIDDigits(string(text)); ok && len(hex) == 32 {
				c.uuids++
			}
			if at, mark, _ := times.Written(text); mark != cell.TimeUnread && !at.IsZero() {
				c.times++
			}
			if doc, opaque := payloads.Decode(&v); opaque == "" && isObject(doc) {
				c.objects++
			} else if !cell.IsText(v.B) {
				c.binary++
			}
		}
	}
	c.distinct = len(seen)
}

func isObject(doc []byte) bool {
	doc = bytes.TrimSpace(doc)
	return len(doc) > 0 && (doc[0] == '{' || doc[0] == '[') && json.Valid(doc)
}

// The smallest number of a time that is counted: 2001, in seconds.
const leastTime = 1_000_000_000

// isTime reports whether the column holds times.
func (c *column) isTime(s *Sample) bool {
	declared := strings.ToLower(c.Type)
	if strings.Contains(declared, "time") || strings.Contains(declared, "date") {
		return true
	}
	if c.filled == 0 {
		return c.called(timeNames) || c.endsIn("at", "on", "time", "timestamp")
	}
	if c.times == c.filled || c.called(timeNames) && c.times*2 > c.filled { // one may be damaged
		return true
	}
	if c.whole != c.filled {
		return false
	}
	for _, row := range s.Rows {
		if n, ok := row[c.at].Integer(); ok && n < leastTime {
			return false
		}
	}
	return true
}

func (c *column) isWhole() bool {
	return c.filled > 0 && c.whole == c.filled || c.filled == 0 && c.Affinity() == cell.Int
}

// isLabel reports whether the column may name a type.
func (c *column) isLabel() bool { return c.filled == 0 || c.texts == c.filled && c.objects == 0 }

// isJSON reports whether every value is an object or an array.
func (c *column) isJSON() bool {
	if c.filled == 0 {
		return c.Affinity() != cell.Int && (strings.Contains(strings.ToLower(c.Type), "json") || c.called(dataNames) || c.called(metaNames))
	}
	return c.objects == c.filled
}

// isKey reports whether the column may tell entities apart.
func (c *column) isKey() bool { return c.filled == 0 || c.objects == 0 && c.texts+c.whole == c.filled }
