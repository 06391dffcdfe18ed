package materialize

import (
	"cmp"
	"strings"
	"time"

	"asof/inspect/query"
	"asof/replay/fault"
	"asof/replay/state"
)

// A Kind is what the values of a column are, as far as all of them are alike.
type Kind string

// The kinds of values.
const (
	KindNone    Kind = "none" // all are NULL
	KindBoolean Kind = "boolean"
	KindInteger Kind = "integer" // of 64 bits
	KindDecimal Kind = "decimal"
	KindText    Kind = "text"
	KindTime    Kind = "time" // text of a time in UTC, in whole microseconds
	KindJSON    Kind = "json" // arrays and objects, or values of several kinds
)

// A Column is a column of a target.
type Column struct {
	Name     string `json:"name"`
	Kind     Kind   `json:"kind"`
	IsMember bool   `json:"is_member,omitempty"` // of the state
	Member   string `json:"member,omitempty"`    // identifies it
	Path     string `json:"path,omitempty"`      // of the member
	Whole    bool   `json:"whole,omitempty"`     // its values are JSON, also if they are a text
}

// and is the kind of values of two kinds. Of no kind are no values.
func (k Kind) and(other Kind) Kind {
	number := func(k Kind) bool { return k == KindInteger || k == KindDecimal }
	switch k, other = cmp.Or(k, KindNone), cmp.Or(other, KindNone); {
	case k == other || other == KindNone:
		return k
	case k == KindNone:
		return other
	case number(k) && number(other):
		return KindDecimal
	case k == KindText && other == KindTime || k == KindTime && other == KindText:
		return KindText
	}
	return KindJSON
}

// kindOf is the kind of a value.
func kindOf(v state.Value) Kind {
	switch v.Kind() {
	case state.Bool:
		return KindBoolean
	case state.Number:
		if _, ok := query.Native(v, false).(int64); ok {
			return KindInteger
		}
		return KindDecimal
	case state.String:
		return KindText
	case state.Array, state.Object:
		return KindJSON
	}
	return KindNone
}

// kindOfTime is the kind of the time of an event.
func kindOfTime(t time.Time) Kind {
	switch {
	case t.IsZero():
		return KindNone
	case t.Nanosecond()%1000 != 0:
		return KindText
	}
	return KindTime
}

// kinds are the kinds of values found so far: of members, and of the times.
type kinds struct {
	members map[string]Kind
	time    Kind
}

func (k *kinds) see(s *query.ExportedState) {
	k.time = k.time.and(kindOfTime(s.Event.Time))
	query.EachMember(s.State, func(member string, v state.Value) {
		k.members[member] = k.members[member].and(kindOf(v))
	})
}

// of is the kind of a column.
func (k *kinds) of(c query.ExportedColumn) Kind {
	switch {
	case c.JSON:
		return KindJSON
	case c.IsMember:
		return k.members[c.Member].and(KindNone)
	}
	switch c.Name {
	case "time":
		return k.time.and(KindNone)
	case "version", "position":
		return KindInteger
	}
	return KindText
}

// choose returns the indexes of the chosen columns, the stream first.
func choose(cols []query.ExportedColumn, chosen []string) ([]int, error) {
	var out []int
	if len(chosen) == 0 {
		for i := range cols {
			out = append(out, i)
		}
		return out, nil
	}
	taken := map[int]bool{}
	for _, name := range append([]string{"stream"}, chosen...) {
		i := find(cols, name)
		if i < 0 {
			e := &ColumnError{Name: name}
			for _, c := range cols {
				e.Names = append(e.Names, c.Name)
			}
			return nil, e
		}
		if !taken[i] {
			taken[i] = true
			out = append(out, i)
		}
	}
	return out, nil
}

// find returns the index of a column, as SQL finds it; -1: there is none.
func find(cols []query.ExportedColumn, name string) int {
	for i, c := range cols {
		if strings.EqualFold(c.Name, name) {
			return i
		}
	}
	return -1
}

// A ColumnError is a chosen column that no state has.
type ColumnError struct {
	Name  string
	Names []string // of all columns
}

func (e *ColumnError) Error() string { return "there is no column " + e.Name }

// Class returns fault.Usage.
func (*ColumnError) Class() fault.Class { return fault.Usage }

// Fault returns fault.KindUsage.
func (*ColumnError) Fault() fault.Kind { return fault.KindUsage }

// Remedy returns what to do next.
func (e *ColumnError) Remedy() fault.Remedy {
	const most = 24
	names := e.Names[:min(len(e.Names), most)]
	return fault.Remedy{For: e.Name, Near: fault.Near(e.Name, e.Names, 1), Text: "the columns are " + strings.Join(names, ", ")}
}
