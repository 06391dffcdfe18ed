package render

import (
	"bytes"
	"errors"
	"strings"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// DiffForm is a way of printing a [inspect.Diffed].
type DiffForm string

// The forms of a diff.
const (
	DiffChanges    DiffForm = ""             // the change view
	DiffStat       DiffForm = "stat"         // counts
	DiffPatch      DiffForm = "patch"        // a JSON Patch, RFC 6902
	DiffMergePatch DiffForm = "merge-patch"  // a JSON Merge Patch, RFC 7396
	DiffSideBySide DiffForm = "side-by-side" // old and new values in two columns
)

// ErrNoMergePatch is a difference that a merge patch can't express: it sets a member to
// null, which means removal in a merge patch.
var ErrNoMergePatch = errors.New("no merge patch can express this: it would have to set a member to null")

// Diffed prints what changed between two points. Both patch forms are standard JSON.
func (p *Printer) Diffed(d *inspect.Diffed, form DiffForm) error {
	switch {
	case form == DiffPatch:
		p.jsonPatch(d.Changes)
		return nil
	case form == DiffMergePatch:
		patch, ok := state.MakeMergePatch(d.A, d.B)
		if !ok {
			return ErrNoMergePatch
		}
		p.state(patch)
		return nil
	}
	p.diffHead(d)
	if len(d.Changes) > 0 {
		switch form {
		case DiffStat:
			p.stat(d.Changes)
		case DiffSideBySide:
			p.sideBySide(d.Changes)
		default:
			p.changes(d.Changes, 2, len(d.Changes))
		}
		p.newline()
	}
	p.total(d)
	p.parting(d)
	return nil
}

// parting prints the event after which two folds first differ.
func (p *Printer) parting(d *inspect.Diffed) {
	if d.Parted == nil {
		return
	}
	p.text("the folds first differ at ")
	p.put(p.st.strong, pointName(*d.Parted))
	if d.Parted.IsStart() {
		p.text(", before the first event")
	} else if d.Parted.EventType != "" {
		p.text(" (" + clean(d.Parted.EventType) + ")")
	}
	p.newline()
}

// jsonPatch prints a JSON Patch, one operation per line.
func (p *Printer) jsonPatch(cs []state.Change) {
	p.text("[")
	for i := range cs {
		if i > 0 {
			p.text(",")
		}
		p.newline()
		one := state.AppendPatch(nil, cs[i:i+1])
		p.b = append(p.b, bytes.TrimSuffix(bytes.TrimPrefix(one, []byte("[")), []byte("]"))...)
	}
	if len(cs) > 0 {
		p.newline()
	}
	p.text("]")
	p.newline()
}

func (p *Printer) diffHead(d *inspect.Diffed) {
	t := &table{p: p, lookahead: 3, cols: make([]column, 5)}
	line := func(label safe, m replay.Moment, fold safe) {
		if fold != "" {
			fold = "(" + fold + ")"
		}
		cells := []cell{{{p.st.dim, label}}, {{p.st.strong, pointName(m)}}, nil, nil, {{p.st.dim, fold}}}
		if m.IsStart() {
			cells[2] = cell{{p.st.dim, "before the first event"}}
		} else {
			cells[2] = cell{{p.st.dim, p.clock(m.Time)}}
			cells[3] = cell{{paint{}, clean(m.EventType)}}
		}
		t.add(row{cells: cells})
	}
	from, to := p.foldedBy(d.FromFold), p.foldedBy(d.ToFold)
	if from == to {
		from, to = "", ""
	}
	line("from", d.From, from)
	line("to", d.To, to)
	t.end()
	zone := p.inZone(!d.From.IsStart() && !d.From.Time.IsZero() || !d.To.IsStart() && !d.To.Time.IsZero())
	switch {
	case to == "":
		p.dim("(" + p.foldedBy(d.ToFold) + zone + ")")
		p.newline()
	case zone != "":
		p.dim("(" + zone[len("; "):] + ")")
		p.newline()
	}
	p.newline()
}

// A tally counts edits by what they did.
type tally struct{ added, removed, replaced, moved int64 }

func (t *tally) add(e *edit) {
	switch {
	case e.moved:
		t.moved++
	case e.Op == state.OpAdd:
		t.added++
	case e.Op == state.OpRemove:
		t.removed++
	default:
		t.replaced++
	}
}

func (t tally) all() int64 { return t.added + t.removed + t.replaced + t.moved }

// total prints the counts of a diff as one line of text.
func (p *Printer) total(d *inspect.Diffed) {
	var t tally
	all := edits(d.Changes)
	for i := range all {
		t.add(&all[i])
	}
	s := safe("no changes")
	if t.all() > 0 {
		s = count(t.all(), "change", "changes")
	}
	if d.Events > 0 {
		s += " by " + count(d.Events, "event", "events")
	}
	if t.all() > 0 {
		sep := safe(": ")
		for _, part := range []struct {
			n    int64
			word safe
		}{{t.added, " added"}, {t.removed, " removed"}, {t.replaced, " replaced"}, {t.moved, " moved"}} {
			if part.n > 0 {
				s += sep + number(part.n) + part.word
				sep = ", "
			}
		}
	}
	p.put(p.st.strong, s)
	p.newline()
}

// stat prints the counts of changes by top-level member of the state.
func (p *Printer) stat(cs []state.Change) {
	var order []string
	tallies := map[string]*tally{}
	all := edits(cs)
	for i := range all {
		top := all[i].Path
		if i := strings.IndexByte(strings.TrimPrefix(top, "/"), '/'); i >= 0 {
			top = top[:i+1]
		}
		if tallies[top] == nil {
			tallies[top] = &tally{}
			order = append(order, top)
		}
		tallies[top].add(&all[i])
	}
	t := table{p: p, indent: 2, lookahead: len(order) + 1, cols: []column{
		{most: pathCols}, {right: true}, {right: true}, {right: true}, {right: true},
	}}
	for _, top := range order {
		n := tallies[top]
		signed := func(m mark, n int64) cell {
			if n == 0 {
				return nil
			}
			return cell{{m.paint, m.sign + number(n)}}
		}
		t.add(row{cells: []cell{
			{{paint{}, pathText(top, pathMost)}},
			{{paint{}, number(n.all())}},
			signed(p.st.plus(), n.added), signed(p.st.minus(), n.removed), signed(p.st.tilde(), n.replaced+n.moved),
		}})
	}
	t.end()
}

// sideBySide prints each change as its path, with the old value on the left below it and
// the new one on the right.
func (p *Printer) sideBySide(cs []state.Change) {
	total := p.o.Width
	if total <= 0 {
		total = changeCols
	}
	const indent = 4
	half := max(leastCols, (total-indent-3)/2)
	for _, c := range edits(cs) {
		m := p.st.tilde()
		switch {
		case c.moved:
		case c.Op == state.OpAdd:
			m = p.st.plus()
		case c.Op == state.OpRemove:
			m = p.st.minus()
		}
		p.text("  ")
		p.put(m.paint, m.sign)
		p.text(" " + pathText(c.Name(), max(leastCols, total-indent)))
		if c.moved {
			p.text("  " + c.movedTo())
			p.newline()
			continue
		}
		p.newline()
		at := 0
		if c.From.Kind() == state.String && c.To.Kind() == state.String {
			at = len(diffWords(c.From.Text(), c.To.Text()).before)
		}
		left, right := valueLines(c.From, half, at), valueLines(c.To, half, at)
		for i := range max(len(left), len(right)) {
			p.pad(indent)
			if i < len(left) {
				p.put(p.st.removed, left[i])
			}
			p.pad(indent + half)
			p.dim(" │")
			if i < len(right) {
				p.text(" ")
				p.put(p.st.added, right[i])
			}
			p.newline()
		}
	}
}

// valueLines returns a value as lines of JSON with a limited width. A longer string is
// shown from the byte offset where it differs.
func valueLines(v state.Value, cols, from int) []safe {
	if v.IsAbsent() {
		return nil
	}
	var out bytes.Buffer
	q := New(&out, Options{})
	switch {
	case inlineWidth(v, cols) <= cols:
		q.inline(v, palette{})
	case v.Kind() == state.String:
		q.window(v.Text(), from, paint{}, cols)
	default:
		t := tree{p: q, lead: func() {}, end: cols, compact: true}
		t.value(v, 0, changeLines)
	}
	q.newline()
	_ = q.Flush() // writes to memory
	var lines []safe
	for l := range strings.Lines(out.String()) {
		lines = append(lines, cut(safe(strings.TrimSuffix(l, "\n")), cols))
	}
	return lines
}
