package dialect

import (
	"encoding/json"
	"strings"

	"asof/replay"
	"asof/replay/state"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A trailDecoder makes the row after a version of what PaperTrail records: the row before
// it, what changed, the row before the next version, whether there is one, and the live
// row.
type trailDecoder struct {
	names [2]cell.Interner
	yaml  rubyYAML
	out   []byte
}

func (d *trailDecoder) Classify(r *table.Row, e *replay.Event) error {
	return classifyRow(r, e, &d.names)
}

// classifyRow reads the type and the category of a row's version.
func classifyRow(r *table.Row, e *replay.Event, names *[2]cell.Interner) error {
	var err error
	if e.Type, err = table.TextOf(r, source.Type, &names[0]); err != nil {
		return err
	}
	e.Category, err = table.TextOf(r, source.Category, &names[1])
	return err
}

func (d *trailDecoder) Decode(r *table.Row, e *replay.Event, skip replay.Fields) error {
	if skip&replay.FieldData != 0 {
		return nil
	}
	var parts [5]*string
	if err := json.Unmarshal(r.At(source.Data).Text(), &parts); err != nil {
		return err
	}
	var docs [5]state.Value
	for i, p := range parts {
		if p == nil || i == 3 {
			continue
		}
		if docs[i], e.Opaque = d.document(*p); e.Opaque != "" {
			return nil
		}
	}
	row, opaque := rowAfter(e.Type, docs[0], docs[1], docs[2], parts[3] != nil, docs[4])
	if e.Opaque = opaque; opaque == "" {
		d.out = state.AppendJSON(d.out[:0], row)
		e.Data = d.out
	}
	return nil
}

// document parses YAML or JSON. Anything but an object is no document.
func (d *trailDecoder) document(text string) (state.Value, string) {
	doc := []byte(text)
	if isYAML(doc) {
		var opaque string
		if doc, opaque = d.yaml.json(doc); opaque != "" {
			return state.Value{}, opaque
		}
	}
	v, _, err := state.ParsePayload(doc)
	if err != nil {
		return state.Value{}, err.Error()
	}
	if v.Kind() != state.Object {
		return state.Value{}, ""
	}
	return v, ""
}

// rowAfter returns the row after a version. See the dialect for the choice.
func rowAfter(typ string, before, changes, next state.Value, hasNext bool, live state.Value) (row state.Value, opaque string) {
	if typ == table.RowDelete {
		if before.IsAbsent() {
			return state.NullValue(), ""
		}
		return before, ""
	}
	fill := next
	if !hasNext {
		fill = inFormOf(live, before)
	}
	if changes.IsAbsent() || changes.Node().Len() == 0 {
		switch {
		case !fill.IsAbsent():
			return fill, ""
		case hasNext && !before.IsAbsent():
			return before, ""
		}
		return state.Value{}, "the row after it is lost: there is no object_changes, no later version and no live row"
	}
	base := before
	if base.IsAbsent() && typ == table.RowInsert {
		base = fill
	}
	out := state.NewObject()
	if !base.IsAbsent() {
		out = state.Clone(base).Node()
	}
	changes.Node().Each(func(column string, pair state.Value) bool {
		if pair.Kind() != state.Array || pair.Node().Len() != 2 {
			opaque = "object_changes has no pair of values for " + column
			return false
		}
		out.Set(column, state.Clone(pair.Node().At(1)))
		return true
	})
	return out.Value(), opaque
}

// inFormOf writes the values of a live row as the library does where it has the same
// value: the database has 0 for false, and other digits of a decimal or a time.
func inFormOf(live, recorded state.Value) state.Value {
	if live.IsAbsent() || recorded.IsAbsent() {
		return live
	}
	out := state.NewObject()
	live.Node().Each(func(column string, v state.Value) bool {
		if r := recorded.Node().Get(column); sameValue(v, r) {
			v = r
		}
		out.Set(column, state.Clone(v))
		return true
	})
	return out.Value()
}

// sameValue reports whether a value of a live row is the recorded one.
func sameValue(live, recorded state.Value) bool {
	if state.Equal(live, recorded) {
		return true
	}
	switch recorded.Kind() {
	case state.Bool:
		return live.Kind() == state.Number && (live.Text() == "1") == recorded.Bool() && (live.Text() == "0" || live.Text() == "1")
	case state.String:
		if live.IsContainer() { // a JSON column is recorded as text
			v, _, err := state.ParsePayload([]byte(recorded.Text()))
			return err == nil && state.Equal(live, v)
		}
		return live.Kind() == state.String && plainTime(live.Text()) == plainTime(recorded.Text()) ||
			live.Kind() == state.Number && state.EqualNumbers(live.Text(), recorded.Text())
	case state.Number:
		return live.Kind() == state.String && cell.IsNumber([]byte(live.Text())) && state.EqualNumbers(live.Text(), recorded.Text())
	default:
		return false
	}
}

// plainTime returns a time without zeros at its end and without a mark of UTC, as far as
// the text is one.
func plainTime(s string) string {
	if len(s) < len("2006-01-02 15:04:05") || s[4] != '-' || s[13] != ':' {
		return s
	}
	s = strings.Replace(s, "T", " ", 1)
	for _, zone := range []string{"Z", " UTC", "+00:00", " +0000"} {
		s = strings.TrimSuffix(s, zone)
	}
	if s = strings.TrimSpace(s); strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}
