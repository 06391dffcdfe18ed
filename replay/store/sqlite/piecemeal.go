package sqlite

import (
	"asof/replay"
	"asof/replay/store/table"
)

// reading returns the layout that the events of the streams (nil: of all) are read
// by. What is needed to read more than one stream is prepared when it is first
// asked for: it may take longer than the question.
func (r *Reader) reading(streams []replay.StreamID) (*table.Layout, error) {
	p := r.Layout.Piecemeal
	if r.prepared || p == nil || len(table.Distinct(streams)) != 1 {
		return r.Layout, r.prepare()
	}
	from, err := p.Stream(r.one, string(streams[0]))
	if err != nil {
		return nil, err
	}
	return r.Layout.ReadFrom(from), nil
}

// readingIDs returns the layout that ids are stepped through by.
func (r *Reader) readingIDs() (*table.Layout, error) {
	if p := r.Layout.Piecemeal; p != nil && !r.prepared {
		return r.Layout.ReadFrom(p.Streams), nil
	}
	return r.Layout, r.prepare()
}

// prepare prepares the layout, once.
func (r *Reader) prepare() error {
	if !r.prepared && r.Layout.Prepare != nil {
		r.unprepared = r.Layout.Prepare()
	}
	r.prepared = true
	return r.unprepared
}
