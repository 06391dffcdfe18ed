package ask

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/workspace"
)

// pin returns the moment of the tables and the number of rows before the page. All pages
// are of one moment: the store may grow between two of them, and yesterday may end.
func (q Query) pin(ctx context.Context, s *workspace.Store) (at string, skip int, err error) {
	if q.Limit == 0 && q.Cursor == "" {
		return q.At, 0, nil
	}
	keys, err := q.Page.begin(q.unpaged(), 2)
	if err != nil {
		return "", 0, err
	}
	if keys != nil {
		if skip, err = strconv.Atoi(keys[0]); err != nil || skip < 0 {
			err = &CursorError{"not a cursor"}
		}
		return keys[1], skip, err
	}
	if q.At == "" && !s.Info().Has("positions") {
		return "", 0, nil // no event is the last of the store
	}
	p := replay.Head()
	if q.At != "" {
		if p, err = replay.ParsePoint(q.At, s.Workspace().Env()); err != nil {
			return "", 0, err
		}
	}
	if _, byTime := p.Time(); byTime {
		return p.String(), 0, nil
	}
	m, _, err := s.Timeline().Resolve(ctx, p)
	switch {
	case err != nil:
		return "", 0, err
	case m.IsStart():
		return q.At, 0, nil
	}
	return replay.AtPosition(m.Position).String(), 0, nil
}

// unpaged is the question without its page.
func (q Query) unpaged() Query {
	q.Page = Page{}
	return q
}

// rows passes on the rows of a page. The statement is run again for each: its rows come in
// the same order as long as the store has the same events.
func (q Query) rows(db *query.DB, sql, at string, skip int, yield func(QueryRow) error) error {
	answer, err := db.Query(sql)
	if err != nil {
		return err
	}
	if err := yield(QueryRow{Columns: answer.Columns}); err != nil {
		return err
	}
	n := 0
	p := pager[QueryRow]{
		limit: q.Limit, peeks: true, yield: yield,
		keep: func(r QueryRow) QueryRow { r.Values = slices.Clone(r.Values); return r },
		cut: func(r QueryRow) QueryRow {
			r.Cursor = cursorAt(q.unpaged(), strconv.Itoa(skip+q.Limit), at)
			return r
		},
	}
	for values, err := range answer.Rows {
		if err != nil {
			return errors.Join(p.end(), err)
		}
		if n++; n <= skip {
			continue
		}
		switch err := p.pass(QueryRow{Columns: answer.Columns, Values: values}); {
		case errors.Is(err, errPageEnds):
			return nil
		case err != nil:
			return err
		}
	}
	return p.end()
}
