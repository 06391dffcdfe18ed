package store

import (
	"errors"
	"fmt"
	"slices"

	"asof/replay"
)

// A binding is a layout at work: what a reader keeps of it for all of its
// questions, whatever engine it reads by.
type binding struct {
	layout     *layout
	times      *timeColumn
	pointers   [numColumns][]pointer
	streams    interner
	names      [numColumns]interner
	categories map[string]string // by stream, where the dialect has them apart from the events

	// lookUp gives the one value of SQL with a stream's id as its parameter.
	lookUp func(sql, stream string) (value, error)
}

// bind makes a binding; o says where the user wants the envelope to be found, and
// how times are read.
func (l *layout) bind(o *Options, lookUp func(sql, stream string) (value, error)) (*binding, error) {
	m, unit := o.Metadata, l.timeUnit
	if unit == nil && !l.has(colTime) { // times within payloads, as Python writes them
		unit = unitNamed("s")
	}
	b := &binding{
		layout: l, categories: map[string]string{}, lookUp: lookUp, times: newTimeColumn(o, unit),
	}
	for _, p := range []struct {
		col      column
		from     *[]string
		override []string
	}{
		{colActor, &l.meta.Actor, m.Actor},
		{colCorrelation, &l.meta.Correlation, m.Correlation},
		{colCausation, &l.meta.Causation, m.Causation},
	} {
		if len(p.override) > 0 {
			*p.from = p.override
		}
		for _, s := range *p.from {
			parsed, ok := parsePointer(s)
			if !ok {
				return nil, fmt.Errorf("%q is not a JSON pointer: it begins with a slash", s)
			}
			b.pointers[p.col] = append(b.pointers[p.col], parsed)
		}
	}
	return b, nil
}

// describe says of a store what its layout does.
func (b *binding) describe(path, access string) replay.Info {
	l := b.layout
	i := replay.Info{
		Path: path, Dialect: l.dialect, Recognised: l.recognised, Access: access,
		Lacks: l.lacking(), HasPositions: l.has(colPosition), HasTimes: l.hasTimes(),
		Sparse: l.has(colPosition) && l.cols[colVersion] == l.cols[colPosition],
	}
	for _, o := range l.leftOut {
		i.LeftOut = append(i.LeftOut, o.what)
	}
	return i
}

// categoryOf returns the category of a stream where events have no column for it.
func (b *binding) categoryOf(stream string) (string, error) {
	l := b.layout
	if l.categoryQuery == "" && l.categoryOf == nil {
		return "", nil
	}
	if c, ok := b.categories[stream]; ok {
		return c, nil
	}
	category, id := "", stream
	if l.plainID != nil {
		id = l.plainID(stream)
	}
	if l.categoryQuery != "" {
		v, err := b.lookUp(l.categoryQuery, id)
		if err != nil {
			return "", err
		}
		category = b.names[colCategory].of(v.text())
	}
	if category == "" && l.categoryOf != nil {
		category = l.categoryOf(id)
	}
	if len(b.categories) >= maxInterned {
		clear(b.categories)
	}
	b.categories[stream] = category
	return category, nil
}

// An assembler makes events of the rows of one statement. Whoever reads the rows
// fills in row and calls fill.
type assembler struct {
	*binding
	st   *statement
	skip replay.Fields

	row       row
	event     replay.Event
	stored    *replay.Stored // of the event, where it is asked for
	payloads  payloadDecoder
	metas     payloadDecoder
	decoder   decoder // nil where the columns say all
	versions  bool    // two rows with the same version follow each other
	positions bool    // two rows with the same position do
	started   bool

	payloadsSeen payloadCounts // by countEvents
}

// assemble begins an assembler for the statement of a query.
func (b *binding) assemble(st *statement, q replay.Query) assembler {
	a := assembler{binding: b, st: st, skip: q.Skip}
	a.versions = q.Order == replay.ByStream || len(distinct(q.Streams)) == 1
	a.positions = !a.versions
	a.row.column = b.times
	if b.layout.decoder != nil {
		a.decoder = b.layout.decoder()
	}
	if q.Stored {
		a.stored = &replay.Stored{}
	}
	return a
}

// fill makes an event of the row, and reports whether the query asks for it.
func (a *assembler) fill() (bool, error) {
	e, l := &a.event, a.layout
	stream, version, position := e.Stream, e.Version, e.Position
	*e = replay.Event{}
	if err := a.row.coordinates(e, &a.streams, l.has(colPosition)); err != nil {
		return false, err
	}
	if a.started && a.versions && e.Version == version && e.Stream == stream {
		return false, duplicate(e.Stream, version, position, e.Position)
	}
	if a.started && a.positions && e.Position == position {
		return false, errors.New("two events have this position")
	}
	a.started = true
	if rest := &a.st.rest; rest.streams != nil && !rest.streams[string(e.Stream)] {
		return false, nil
	}
	if err := a.classify(e); err != nil {
		return false, err
	}
	if rest := &a.st.rest; rest.types != nil && !rest.types[e.Type] ||
		rest.categories != nil && !rest.categories[e.Category] {
		return false, nil
	}
	if err := a.contents(e); err != nil {
		return false, err
	}
	p := a.st.rest.idPrefix
	return p == nil || p.matches(e.ID), nil
}

// duplicate is the error of two events with one version.
func duplicate(id replay.StreamID, v replay.Version, a, b replay.Position) error {
	d := &replay.DuplicateError{Stream: id, Version: v}
	if a != replay.NoPosition && b != replay.NoPosition {
		d.Where = fmt.Sprintf("positions %d and %d", min(a, b), max(a, b))
	}
	return d
}

func (a *assembler) classify(e *replay.Event) error {
	l, names := a.layout, &a.names
	if a.decoder != nil {
		return a.decoder.classify(&a.row, e)
	}
	if l.has(colType) {
		v := a.row.at(colType)
		if v.kind == kindNull {
			return errors.New("its type is NULL")
		}
		e.Type = names[colType].of(v.text())
	} else {
		e.Type = l.typeName
	}
	if l.has(colCategory) {
		e.Category = names[colCategory].of(a.row.at(colCategory).text())
		return nil
	}
	var err error
	e.Category, err = a.categoryOf(string(e.Stream))
	return err
}

// contents fills in all that is not needed to choose among events.
func (a *assembler) contents(e *replay.Event) error {
	l, r := a.layout, &a.row
	if a.st.cols[colID] >= 0 {
		e.ID = string(r.at(colID).text())
	}
	if a.st.cols[colRevision] >= 0 && !l.derived.has(colRevision) {
		n := int64(1) // of events that were written before there were revisions
		if r.at(colRevision).kind != kindNull {
			var err error
			if n, err = r.integer(colRevision); err != nil {
				return err
			}
		}
		e.Revision = int(n)
	}
	if a.st.cols[colTime] >= 0 {
		r.stamp(e, r.at(colTime))
	}
	if a.decoder != nil {
		if err := a.decoder.decode(r, e, a.skip); err != nil {
			return err
		}
	} else if a.st.cols[colData] >= 0 {
		e.Data, e.Opaque = a.payloads.decode(r.at(colData))
	} else if !l.has(colData) && a.skip&replay.FieldData == 0 {
		e.Opaque = "the mapping names no column for the payload"
	}
	if a.times.failed != nil {
		return a.times.failed
	}
	if a.skip&replay.FieldMeta == 0 {
		a.metadata(e)
	}
	if a.stored != nil {
		*a.stored = replay.Stored{Data: a.bytes(colData), Meta: a.bytes(colMeta), Time: a.bytes(colTime)}
		e.Stored = a.stored
	}
	return nil
}

// bytes returns what is in a column, as it is; nil where there is nothing.
func (a *assembler) bytes(c column) []byte {
	if a.st.cols[c] < 0 || a.row.at(c).kind == kindNull {
		return nil
	}
	if b := a.row.at(c).text(); b != nil {
		return b
	}
	return []byte{}
}

func (a *assembler) metadata(e *replay.Event) {
	l, m := a.layout, &e.Meta
	if a.st.cols[colMeta] >= 0 && m.Raw == nil {
		// Some libraries write null, or nothing, where there is no metadata.
		v := a.row.at(colMeta)
		if b := v.text(); len(b) > 0 && b[0] == '{' && v.kind != kindBlob {
			m.Raw = b
		} else if b, opaque := a.metas.decode(v); opaque == "" && b[0] == '{' {
			m.Raw = b
		}
	}
	for _, f := range [...]struct {
		col  column
		into *string
	}{{colActor, &m.Actor}, {colCorrelation, &m.Correlation}, {colCausation, &m.Causation}} {
		if p := a.pointers[f.col]; len(p) > 0 && m.Raw != nil && findFirst(p, m.Raw, f.into) {
			continue
		}
		if l.has(f.col) && a.st.cols[f.col] >= 0 {
			*f.into = a.names[f.col].of(a.row.at(f.col).text())
		}
	}
}

func findFirst(ps []pointer, doc []byte, into *string) bool {
	return slices.ContainsFunc(ps, func(p pointer) bool {
		s, ok := p.find(doc)
		if ok {
			*into = s
		}
		return ok
	})
}
