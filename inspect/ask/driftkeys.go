package ask

import (
	"context"
	"iter"
	"strings"

	"asof/inspect/drift"
	"asof/inspect/query"
	"asof/replay"
	"asof/replay/workspace"
)

// keyedBy returns how the streams of a projection are written, without the beginning that the
// keys lack, and its states. Partitions are known only from the states: those are in memory.
func (q Drift) keyedBy(ctx context.Context, s *workspace.Store, db *query.DB, p *query.Projection) (*drift.KeyForms, iter.Seq2[*query.StateRow, error], error) {
	forms, states := &drift.KeyForms{}, db.States(p)
	_, prefix := q.key()
	see := func(id replay.StreamID) {
		if rest, ok := strings.CutPrefix(string(id), prefix); ok {
			forms.See(rest)
		}
	}
	if p.Many == nil {
		for one, err := range s.Reader.Streams(ctx, replay.StreamQuery{IDsOnly: true, Categories: p.Categories}) {
			if err != nil {
				return nil, nil, err
			}
			see(one.ID)
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
