package ask

import (
	"iter"
	"strings"

	"asof/inspect/drift"
	"asof/inspect/query"
	"asof/replay"
)

// keyedBy returns how the streams of a projection are written, without the beginning that the
// keys lack, and its states: both as of one moment, so that a stream that comes later changes
// no key. Partitions are known only from the states: those are in memory.
func (q Drift) keyedBy(db *query.DB, p *query.Projection) (*drift.KeyForms, iter.Seq2[*query.StateRow, error], error) {
	forms, states := &drift.KeyForms{}, db.States(p)
	_, prefix := q.key()
	see := func(id replay.StreamID) {
		if rest, ok := strings.CutPrefix(string(id), prefix); ok {
			forms.See(rest)
		}
	}
	if p.Many == nil {
		for id, err := range db.StreamIDs(p) {
			if err != nil {
				return nil, nil, err
			}
			see(id)
		}
		return forms, states, nil
	}
	var rows []*query.StateRow
	for row, err := range states {
		if err != nil {
			return nil, nil, err
		}
		see(row.Stream)
		rows = append(rows, row)
	}
	return forms, func(yield func(*query.StateRow, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}, nil
}
