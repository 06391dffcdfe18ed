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
	at, err = pinnedAt(ctx, s, q.At)
	return at, 0, err
}

// pinnedAt writes a point of the whole store, or the head, so that it is the same moment when
// the store has grown. A store without positions has no such moment at its head.
func pinnedAt(ctx context.Context, s *workspace.Store, at string) (string, error) {
	if at == "" && !s.Info().Has("positions") {
		return "", nil
	}
	p := replay.Head()
	if at != "" {
		var err error
		if p, err = replay.ParsePoint(at, s.Workspace().Env()); err != nil {
			return "", err
		}
	}
	if _, byTime := p.Time(); byTime {
		return p.String(), nil
	}
	m, _, err := s.Timeline().Resolve(ctx, p)
	switch {
	case err != nil:
		return "", err
	case m.IsStart():
		return at, nil
	}
	return replay.AtPosition(m.Position).String(), nil
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
