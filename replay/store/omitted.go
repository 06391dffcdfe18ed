package store

import (
	"context"
	"fmt"

	"asof/replay"
)

// ofStreams is an omission of events that are of one stream each. The count ends in
// a condition, which that of the stream is put behind.
func ofStreams(what, count string) omission { return omission{what: what, count: count, of: count} }

// onlyWhere narrows the events, and what is left out of their streams.
func (l *layout) onlyWhere(cond string) {
	l.where = andAlso(l.where, cond)
	for i := range l.leftOut {
		if o := &l.leftOut[i]; o.of != "" {
			o.of += " AND " + cond
		}
	}
}

// omitted returns what is left out of the stream, counted by one.
func (l *layout) omitted(f flavour, id replay.StreamID, one func(sql string, args ...any) (value, error)) ([]string, error) {
	var out []string
	for _, o := range l.leftOut {
		if o.of == "" {
			continue
		}
		b := builder{layout: l, flavour: f}
		cond, ok := l.ofStream(f, b.arg, string(id))
		if !ok {
			return nil, nil // the store can't hold such a stream
		}
		v, err := one(o.of+" AND ("+cond+")", b.args...)
		if err != nil {
			return nil, err
		}
		if v.num > 0 {
			out = append(out, fmt.Sprintf("%d %s", v.num, o.what))
		}
	}
	return out, nil
}

// Omitted says what of a stream is not shown.
func (r *sqliteReader) Omitted(ctx context.Context, id replay.StreamID) ([]string, error) {
	end, err := r.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	out, err := r.layout.omitted(r.flavour, id, r.one)
	if err != nil {
		return nil, r.failed(ctx, err)
	}
	return out, nil
}

// Omitted says what of a stream is not shown.
func (r *pgReader) Omitted(ctx context.Context, id replay.StreamID) ([]string, error) {
	out, err := r.layout.omitted(pgFlavour, id, func(sql string, args ...any) (value, error) {
		return r.session.one(ctx, sql, args...)
	})
	if err != nil {
		return nil, r.session.failed(ctx, err)
	}
	return out, nil
}
