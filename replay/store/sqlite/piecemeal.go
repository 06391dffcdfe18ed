package sqlite

import (
	"asof/replay"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// reading returns the layout for reading the events of the given streams, or of all
// streams if nil. It prepares the layout only when more than one stream is needed,
// because preparing may take longer than the question.
func (r *Reader) reading(streams []replay.StreamID) (*table.Layout, error) {
	p := r.Layout.Piecemeal
	if r.anyVersion && !r.prepared && p != nil && p.Row != "" {
		return r.Layout.Uncounted(), nil
	}
	if r.prepared || p == nil || p.Stream == nil || len(table.Distinct(streams)) != 1 {
		return r.Layout, r.prepare()
	}
	from, err := p.Stream(r.one, string(streams[0]))
	if err != nil {
		return nil, err
	}
	l := r.Layout.ReadFrom(from)
	if p.Data != "" {
		l.Cols[source.Data] = p.Data
	}
	return l, nil
}

// readingIDs returns the layout for stepping through ids.
func (r *Reader) readingIDs() (*table.Layout, error) {
	if p := r.Layout.Piecemeal; p != nil && p.Streams != "" && !r.prepared {
		return r.Layout.ReadFrom(p.Streams), nil
	}
	return r.Layout, r.prepare()
}

// prepare calls the layout's Prepare, once.
func (r *Reader) prepare() error {
	if !r.prepared && r.Layout.Prepare != nil {
		r.unprepared = r.Layout.Prepare()
	}
	r.prepared = true
	return r.unprepared
}
