package jsonfile

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"asof/replay"
)

// A notEvent is a kind of entries that are not shown.
type notEvent struct {
	one, many string
	lost      bool // they may be events of any stream, see [replay.Reader]
}

// The entries that are not shown.
var (
	rowsLeftOut = &notEvent{"row without a stream or a version", "rows without a stream or a version", true} // events, said of as rows
	keyless     = &notEvent{"change without a key", "changes without a key", true}
	truncates   = &notEvent{"truncate", "truncates", true} // which rows it deletes is not said
	walTexts    = &notEvent{"truncate or message", "truncates and messages", true}
	tombstones  = &notEvent{one: "tombstone", many: "tombstones"}
	heartbeats  = &notEvent{one: "heartbeat", many: "heartbeats"}
	messages    = &notEvent{one: "message", many: "messages"}
	walMarks    = &notEvent{one: "begin or commit", many: "begins and commits"}
	goneLinks   = &notEvent{one: "link whose event is gone", many: "links whose events are gone"}
	ofDebezium  = &notEvent{one: "record of a transaction, heartbeat or schema", many: "records of transactions, heartbeats and schemas"}
	ofMaxwell   = &notEvent{one: "record of a schema, bootstrap or heartbeat", many: "records of schemas, bootstraps and heartbeats"}
)

// countLeftOut counts an entry that is not shown, and of which stream it is, if it says so.
func (x *indexer) countLeftOut(what *notEvent, stream []byte) {
	if x.seen.leftOut == nil {
		x.seen.leftOut, x.omitted = map[*notEvent]int64{}, map[string]int64{}
	}
	x.seen.leftOut[what]++
	if what == rowsLeftOut && len(stream) > 0 {
		x.omitted[string(stream)]++
	}
}

// describe lists the entries that match, with counts.
func (c *counts) describe(match func(*notEvent) bool) (out []string) {
	byName := func(a, b *notEvent) int { return cmp.Compare(a.many, b.many) }
	for _, what := range slices.SortedFunc(maps.Keys(c.leftOut), byName) {
		if match(what) {
			out = append(out, replay.Counted(c.leftOut[what], what.one, what.many))
		}
	}
	return out
}

// Omitted lists the events of a stream that are not shown.
func (r *reader) Omitted(ctx context.Context, id replay.StreamID) ([]string, error) {
	if err := r.usable(ctx); err != nil || r.idx.omitted[string(id)] == 0 {
		return nil, err
	}
	return []string{replay.Counted(r.idx.omitted[string(id)], rowsLeftOut.one, rowsLeftOut.many)}, nil
}

// Lost lists the entries that may be events of any stream.
func (r *reader) Lost(ctx context.Context) ([]string, error) {
	if err := r.usable(ctx); err != nil {
		return nil, err
	}
	return r.idx.seen.describe(func(what *notEvent) bool { return what.lost }), nil
}
