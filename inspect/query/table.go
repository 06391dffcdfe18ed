package query

import (
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

// What the rows of a table are.
type kind uint8

const (
	ofEvents kind = iota
	ofStreams
	ofStates
	ofHistory
	ofChanges
)

// A table is a virtual table. It is declared anew for each question.
type table struct {
	db   *DB
	name string
	kind kind
	proj *Projection // of states, history and changes
	cols []column
}

// momentColumn is the argument of a table called as a function.
const momentColumn = "as_of"

func (t *table) declare(found []string) {
	cols := eventColumns()
	switch t.kind {
	case ofEvents:
		cols = append(append(cols, envelopeColumns()...), payloadColumns()...)
	case ofStreams:
		cols = streamColumns()
	case ofStates:
		cols = append(cols, stateColumns(found)...)
	case ofHistory:
		cols = append(append(cols, envelopeColumns()...), sourceColumn())
		cols = append(append(cols, stretchColumns()...), stateColumns(found)...)
	case ofChanges:
		cols = append(append(cols, envelopeColumns()...), sourceColumn())
		cols = append(cols, changeColumns()...)
	}
	if t.kind != ofChanges && t.proj != nil && t.proj.Result != nil {
		i := slices.IndexFunc(cols, func(c column) bool { return c.name == "state" }) + 1
		cols = slices.Insert(cols, i, t.resultColumn())
	}
	cols = append(cols, column{name: momentColumn, hidden: true})
	if t.kind == ofStates || t.kind == ofHistory {
		cols = append(cols, column{name: t.markColumn(cols), hidden: true, get: t.mark})
	}
	t.cols = distinct(cols)
}

// markColumn is the name of the column of marks: that of the table, unless a column of
// each such table has it. A member of that name is renamed.
func (t *table) markColumn(cols []column) string {
	for _, c := range cols {
		if !c.member && strings.EqualFold(c.name, t.name) {
			return "this"
		}
	}
	return t.name
}

// mark names a state, for the function blame: its table, its stream and the event that
// made it.
func (t *table) mark(f *fact) sqlite.Value {
	if f.err != nil {
		return sqlite.Value{}
	}
	return sqlite.TextValue(strings.Join([]string{t.proj.Name, string(f.stream), t.proj.pointOf(f.e)}, markSep))
}

// pointOf is an event as a point of its state's timeline.
func (p *Projection) pointOf(e *replay.Event) string {
	if p.Many != nil {
		return replay.AtPosition(e.Position).String()
	}
	return replay.AtVersion(e.Version).String()
}

const markSep = "\x1f"

// The types of columns that have one. Those of states have none: a text is not turned
// into a number where both are compared.
var columnTypes = map[string]string{"stream": "TEXT", "version": "INTEGER", "position": "INTEGER", "events": "INTEGER"}

// declaration is the CREATE TABLE statement that SQLite asks for.
func (t *table) declaration() string {
	var b strings.Builder
	b.WriteString("CREATE TABLE x(")
	for i, c := range t.cols {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(Quoted(c.name))
		if !c.member && columnTypes[c.name] != "" {
			b.WriteString(" " + columnTypes[c.name])
		}
		if c.hidden {
			b.WriteString(" HIDDEN")
		}
	}
	b.WriteString(")")
	return b.String()
}

// Quoted is a name as SQL writes it.
func Quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (t *table) index(name string) int {
	for i, c := range t.cols {
		if c.name == name {
			return i
		}
	}
	return -1
}

// A need is the set of columns that a statement uses: a bit for each of the first 63,
// and one for all others.
type need uint64

func (n need) has(i int) bool { return n&(1<<min(i, 63)) != 0 }

// row makes the row of a fact. Late columns are left out.
func (t *table) row(f *fact, n need) []sqlite.Value {
	out := make([]sqlite.Value, len(t.cols))
	for i, c := range t.cols {
		switch {
		case !n.has(i) || c.late:
		case c.raw != nil:
			v := c.raw(f)
			out[i] = valueOf(v)
			t.noteValue(c, f, v, out[i].Type())
		case c.get != nil:
			out[i] = c.get(f)
		}
	}
	return out
}

// finish fills in the late columns.
func (t *table) finish(row []sqlite.Value, f *fact, n need) {
	for i, c := range t.cols {
		if c.late && n.has(i) {
			row[i] = c.get(f)
		}
	}
}

// wants reports whether a statement uses a column of this name.
func (t *table) wants(n need, names ...string) bool {
	for _, name := range names {
		if i := t.index(name); i >= 0 && n.has(i) {
			return true
		}
	}
	return false
}
