package cmd

import (
	"iter"

	"asof/cmd/render"
	"asof/inspect/ask"
)

// Rows prints the rows of an answer to SQL.
func (v *view) Rows(seq iter.Seq2[ask.QueryRow, error], form render.RowForm) error {
	if v.json == nil {
		return v.text.Rows(func(yield func(render.Row, error) bool) {
			for r, err := range seq {
				if !yield(render.Row{Columns: r.Columns, Values: r.Values}, err) {
					return
				}
			}
		}, form)
	}
	values := func(yield func(ask.QueryRow, error) bool) {
		for r, err := range seq {
			if (err != nil || r.Values != nil) && !yield(r, err) {
				return
			}
		}
	}
	return list(v, values, ask.QueryRow.JSON, nil)
}
