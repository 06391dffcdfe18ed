package table

import (
	"context"
	"errors"
	"fmt"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// A Binding is a layout in use by a reader. It has the state that all queries share,
// independent of the engine.
type Binding struct {
	Layout     *Layout
	Times      *cell.Times
	pointers   [source.NumFields][]cell.Pointer
	streams    cell.Interner
	names      [source.NumFields]cell.Interner
	categories map[string]string // by stream, if the dialect stores them separately

	engine Engine
	path   string // of the store, for errors
	sound  bool   // checked: no stream has a version twice
	timely bool   // checked: versions that are counted by texts are in the order of times
}

// Bind returns a binding that reads through the engine. o gives the user's locations of
// the envelope and how to read times.
func (l *Layout) Bind(o *source.Options, path string, engine Engine) (*Binding, error) {
	m, unit := o.Metadata, l.TimeUnit
	if unit == nil && !l.Has(source.Time) { // the time is in the payload, as Python writes it
		unit = cell.UnitNamed("s")
	}
	b := &Binding{
		Layout: l, categories: map[string]string{}, engine: engine, path: path,
		Times: cell.NewTimes(o.TimeZone, o.Map[source.FieldNames[source.Time]], unit),
	}
	b.Times.Ends = b.timeRange
	for _, p := range []struct {
		col      source.Field
		from     *[]string
		override []string
	}{
		{source.Actor, &l.Meta.Actor, m.Actor},
		{source.Correlation, &l.Meta.Correlation, m.Correlation},
		{source.Causation, &l.Meta.Causation, m.Causation},
	} {
		if len(p.override) > 0 {
			*p.from = p.override
		}
		for _, s := range *p.from {
			parsed, ok := cell.ParsePointer(s)
			if !ok {
				return nil, fmt.Errorf("%q is not a JSON pointer: it begins with a slash", s)
			}
			b.pointers[p.col] = append(b.pointers[p.col], parsed)
		}
	}
	return b, nil
}

// Describe returns Info for the store.
func (b *Binding) Describe(access string) replay.Info {
	l := b.Layout
	i := replay.Info{
		Path: b.path, Dialect: l.Dialect, Recognised: l.Recognised, Access: access,
		ByClock: l.ByClock, Rows: l.Rows != nil, Lacks: l.lacking(),
		Sparse: l.Has(source.Position) && l.Cols[source.Version] == l.Cols[source.Position],
	}
	for _, o := range l.LeftOut {
		i.LeftOut = append(i.LeftOut, o.What)
	}
	return i
}

// categoryOf looks up the category of a stream if events have no column for it.
func (b *Binding) categoryOf(ctx context.Context, stream string) (string, error) {
	l := b.Layout
	if l.CategoryQuery == "" && l.CategoryOf == nil {
		return "", nil
	}
	if c, ok := b.categories[stream]; ok {
		return c, nil
	}
	category, id := "", stream
	if l.plainID != nil {
		id = l.plainID(stream)
	}
	if f := b.engine.Flavour(); l.CategoryQuery != "" && f.takes(id) {
		v, err := b.one(ctx, l.CategoryQuery, id)
		if err != nil {
			return "", err
		}
		category = b.names[source.Category].Of(v.Text())
	}
	if category == "" && l.CategoryOf != nil {
		category = l.CategoryOf(id)
	}
	if len(b.categories) >= cell.MaxInterned {
		clear(b.categories)
	}
	b.categories[stream] = category
	return category, nil
}

// An assembler builds events from the rows of one statement: the caller fills row and then
// calls fill.
type assembler struct {
	*Binding
	st   *Statement
	skip replay.Fields

	row       Row
	event     replay.Event
	stored    *replay.Stored // filled if the query asks for stored forms
	payloads  cell.PayloadDecoder
	metas     cell.PayloadDecoder
	decoder   Decoder // nil if every field has a column
	assembled []byte  // the payload, if it is made of parts
	versions  bool    // rows with the same version are adjacent
	positions bool    // rows with the same position are adjacent
	started   bool

	payloadsSeen cell.PayloadCounts // updated by countEvents
}

// assemble returns an assembler for the statement of a query.
func (b *Binding) assemble(ctx context.Context, st *Statement, q replay.Query) assembler {
	a := assembler{Binding: b, st: st, skip: q.Skip}
	a.versions = q.Order == replay.ByStream || len(Distinct(q.Streams)) == 1
	a.positions = !a.versions
	a.row.Column, a.row.Ctx = b.Times, ctx
	if b.Layout.Decoder != nil {
		a.decoder = b.Layout.Decoder()
	}
	if q.Stored {
		a.stored = &replay.Stored{}
	}
	return a
}

// fill builds an event from the row and reports whether the query wants it.
func (a *assembler) fill() (bool, error) {
	e, l := &a.event, a.Layout
	stream, version, position := e.Stream, e.Version, e.Position
	*e = replay.Event{}
	if err := a.row.coordinates(e, &a.streams, l.Has(source.Position)); err != nil {
		return false, err
	}
	if a.started && a.versions && e.Version == version && e.Stream == stream {
		return false, duplicate(e.Stream, version, position, e.Position)
	}
	if a.started && a.positions && e.Position == position {
		return false, errors.New("two events have this position")
	}
	a.started = true
	if rest := &a.st.Rest; rest.Streams != nil && !rest.Streams[string(e.Stream)] {
		return false, nil
	}
	if err := a.classify(e); err != nil {
		return false, err
	}
	if l.Rows != nil {
		e.Row = l.Rows(e.Type)
	}
	if rest := &a.st.Rest; rest.types != nil && !rest.types[e.Type] ||
		rest.Categories != nil && !rest.Categories[e.Category] {
		return false, nil
	}
	if err := a.contents(e); err != nil {
		return false, err
	}
	p := a.st.Rest.IDPrefix
	return p == nil || p.Matches(e.ID), nil
}

// duplicate is the error of two events with the same version.
func duplicate(id replay.StreamID, v replay.Version, a, b replay.Position) error {
	d := &replay.DuplicateError{Stream: id, Version: v}
	if a != replay.NoPosition && b != replay.NoPosition {
		d.Where = fmt.Sprintf("positions %d and %d", min(a, b), max(a, b))
	}
	return d
}

func (a *assembler) classify(e *replay.Event) error {
	l, names := a.Layout, &a.names
	if a.decoder != nil {
		return a.decoder.Classify(&a.row, e)
	}
	if l.Has(source.Type) {
		v := a.row.At(source.Type)
		if v.Kind == cell.Null {
			return errors.New("its type is NULL")
		}
		e.Type = names[source.Type].Of(v.Text())
	} else {
		e.Type = l.TypeName
	}
	if l.Has(source.Category) {
		e.Category = names[source.Category].Of(a.row.At(source.Category).Text())
		return nil
	}
	var err error
	e.Category, err = a.categoryOf(a.row.Ctx, string(e.Stream))
	return err
}

// contents fills in the fields that are not needed to filter events.
func (a *assembler) contents(e *replay.Event) error {
	l, r := a.Layout, &a.row
	if a.st.Cols[source.ID] >= 0 {
		e.ID = string(r.At(source.ID).Text())
	}
	if a.st.Cols[source.Revision] >= 0 && !l.Derived.Has(source.Revision) {
		n := int64(1) // for events from before the store had revisions
		if r.At(source.Revision).Kind != cell.Null {
			var err error
			if n, err = r.integer(source.Revision); err != nil {
				return err
			}
		}
		e.Revision = int(n)
	}
	if a.st.Cols[source.Time] >= 0 {
		r.Stamp(e, r.At(source.Time))
	}
	if a.decoder != nil {
		if err := a.decoder.Decode(r, e, a.skip); err != nil {
			return err
		}
	} else if a.st.Assemble != nil {
		a.assembled = a.st.Assemble(a.assembled[:0], r.Parts)
		e.Data = a.assembled
	} else if a.st.Cols[source.Data] >= 0 {
		e.Data, e.Opaque = a.payloads.Decode(r.At(source.Data))
	} else if !l.Has(source.Data) && a.skip&replay.FieldData == 0 {
		e.Opaque = "the mapping names no column for the payload"
	}
	if a.Times.Failed != nil {
		return a.Times.Failed
	}
	if a.skip&replay.FieldMeta == 0 {
		a.metadata(e)
	}
	if a.stored != nil {
		*a.stored = replay.Stored{Data: a.bytes(source.Data), Meta: a.bytes(source.Meta), Time: a.bytes(source.Time)}
		e.Stored = a.stored
	}
	return nil
}

// bytes returns the value of a column as stored, or nil if it is empty.
func (a *assembler) bytes(c source.Field) []byte {
	if a.st.Cols[c] < 0 || a.row.At(c).Kind == cell.Null {
		return nil
	}
	if b := a.row.At(c).Text(); b != nil {
		return b
	}
	return []byte{}
}

func (a *assembler) metadata(e *replay.Event) {
	l, m := a.Layout, &e.Meta
	if a.st.Cols[source.Meta] >= 0 && m.Raw == nil {
		// Some libraries write null or an empty value for no metadata.
		v := a.row.At(source.Meta)
		if b := v.Text(); len(b) > 0 && b[0] == '{' && v.Kind != cell.Blob {
			m.Raw = b
		} else if b, opaque := a.metas.Decode(v); opaque == "" && b[0] == '{' {
			m.Raw = b
		}
	}
	for _, f := range [...]struct {
		col  source.Field
		into *string
	}{{source.Actor, &m.Actor}, {source.Correlation, &m.Correlation}, {source.Causation, &m.Causation}} {
		if p := a.pointers[f.col]; len(p) > 0 && m.Raw != nil && cell.FindFirst(p, m.Raw, f.into) {
			continue
		}
		if l.Has(f.col) && a.st.Cols[f.col] >= 0 {
			*f.into = a.names[f.col].Of(a.row.At(f.col).Text())
		}
	}
}
