package store

import "asof/replay"

// A piecemeal reads a store that has no index for the order of all its events, for
// the questions that do not need it: those about one stream, and those for ids. The
// columns are those of the layout; only what they are read from differs.
type piecemeal struct {
	// streams is SQL that yields the streams, so that an index leads from each to the
	// next.
	streams string
	// stream returns SQL that yields the events of the stream, and may yield others.
	stream func(one oneValue, stream string) (string, error)
}

// oneValue returns the one value that SQL gives.
type oneValue func(sql string, args ...any) (value, error)

// reading returns the layout that the events of the streams (nil: of all) are read
// by. What is needed to read more than one stream is prepared when it is first
// asked for: it may take longer than the question.
func (r *sqliteReader) reading(streams []replay.StreamID) (*layout, error) {
	p := r.layout.piecemeal
	if r.prepared || p == nil || len(distinct(streams)) != 1 {
		return r.layout, r.prepare()
	}
	from, err := p.stream(r.one, string(streams[0]))
	if err != nil {
		return nil, err
	}
	return r.layout.readFrom(from), nil
}

// readingIDs returns the layout that ids are stepped through by.
func (r *sqliteReader) readingIDs() (*layout, error) {
	if p := r.layout.piecemeal; p != nil && !r.prepared {
		return r.layout.readFrom(p.streams), nil
	}
	return r.layout, r.prepare()
}

func (l *layout) readFrom(from string) *layout {
	c := *l
	c.from = from
	return &c
}

// prepare prepares the layout, once.
func (r *sqliteReader) prepare() error {
	if !r.prepared && r.layout.prepare != nil {
		r.unprepared = r.layout.prepare(r.probe)
	}
	r.prepared = true
	return r.unprepared
}
