package mcp

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"asof/inspect/ask"
	"asof/inspect/query"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

// maxSQLCounted bounds the rows that are counted after those shown.
const maxSQLCounted = 10_000

// checkQuery separates a question in SQL from a list of tables.
func checkQuery(a *arguments, c *checker) {
	oneFold(a, c)
	switch {
	case a.SQL == "" && !a.Tables:
		c.add("sql", "write one SELECT, or list the tables with tables: true", "it is missing")
	case a.SQL != "" && a.Tables:
		c.add("tables", "give one of them", "both sql and tables are given")
	}
}

func querySQL(c *call) (*reply, error) {
	if c.a.Tables {
		return listTables(c)
	}
	var p *sqlPage
	err := c.w.Read(c.ctx, c.store.Ref, func(s *workspace.Store) (err error) {
		s.Reader = c.keeping(s.Reader)
		p, err = c.sqlPage(s)
		return err
	})
	if err != nil {
		return nil, err
	}
	r, a := p.reply, &c.a
	r.finding = r.shownOf("rows")
	r.command = c.command("query", []string{a.SQL}, "--at", a.At, "--limit", strconv.Itoa(a.Limit))
	if r.left != 0 {
		r.then("query", "the rest", c.again("at", p.at, "offset", a.Offset+r.shown))
	}
	if i := r.firstCut("rows"); i >= 0 && (a.Limit > 1 || p.cell == nil) {
		r.then("query", "the first row that is cut, with more of it", c.again("at", p.at, "offset", a.Offset+i, "limit", 1))
	} else if i >= 0 {
		r.then("query", "the rest of the text that is cut", c.again("at", p.at, "sql", p.cell.rest(a), "offset", nil, "limit", 1))
	}
	return r, nil
}

// An sqlPage is the part of an answer to SQL that a reply shows.
type sqlPage struct {
	reply *reply
	at    string   // the moment of the tables, as the next page has to name it
	cell  *cutCell // of the first row; nil: no text of it is cut
}

// sqlPage asks an open store.
func (c *call) sqlPage(s *workspace.Store) (*sqlPage, error) {
	a, r := &c.a, c.reply()
	p := &sqlPage{reply: r}
	m, at, err := c.moment(s)
	if err != nil {
		return nil, err
	}
	p.at = at
	r.set("as_of", asOf(m))
	q := ask.Query{StoreRef: c.store.Ref, Folding: c.folding(), SQL: a.SQL, At: at}
	n, fits := 0, true
	for row, err := range q.Of(c.ctx, s) {
		switch {
		case err != nil:
			return nil, err
		case row.Values == nil: // the first: it names the columns
			r.put("columns", value(row.Columns), r.budget/4)
			r.list("rows")
			continue
		}
		if n++; n <= a.Offset {
			continue
		}
		if n > a.Offset+a.Limit+maxSQLCounted {
			n, r.atLeast = unknown, maxSQLCounted
			break
		}
		whole := wire.RowOf(row.Columns, row.Values)
		if fits = fits && r.shown < a.Limit && r.row(whole, a.Limit); fits && r.shown == 1 {
			p.cell = cellOf(whole, r.cuts)
		}
	}
	if n != unknown {
		r.total, r.left = n, max(n-a.Offset, 0)-r.shown
	}
	return p, nil
}

// moment is the moment of all tables, and how the next call names it: the store may grow,
// and yesterday may end, between two pages.
func (c *call) moment(s *workspace.Store) (*wire.Moment, string, error) {
	p := replay.Head()
	if c.a.At != "" {
		var err error
		if p, err = replay.ParsePoint(c.a.At, c.w.Env()); err != nil {
			return nil, "", err
		}
	} else if !s.Info().Has("positions") {
		return nil, "", nil
	}
	m, _, err := s.Timeline().Resolve(c.ctx, p)
	if err != nil {
		return nil, "", err
	}
	shape := wire.NewMoment(m)
	if _, byTime := p.Time(); !byTime && !m.IsStart() {
		return &shape, replay.AtPosition(m.Position).String(), nil
	}
	return &shape, p.String(), nil
}

// A cutCell is a text in a row that is shown in part.
type cutCell struct {
	column string
	shown  int // characters
}

// cellOf is the first text of the first row that is cut.
func cellOf(row state.Value, cuts []shownCut) (cell *cutCell) {
	row.Node().Each(func(column string, v state.Value) bool {
		path := "/" + state.EscapeToken(column)
		for _, one := range cuts {
			if one.in == "/rows/0" && one.path == path && one.kind == state.String {
				cell = &cutCell{column, utf8.RuneCountInString(v.Text()[:one.shown])}
				return false
			}
		}
		return true
	})
	return cell
}

// rest is the SELECT of what follows.
func (t *cutCell) rest(a *arguments) string {
	name := `"` + strings.ReplaceAll(t.column, `"`, `""`) + `"`
	return fmt.Sprintf("SELECT substr(%s, %d) AS %s FROM (\n%s\n) LIMIT 1 OFFSET %d", name, t.shown+1, name, strings.TrimRight(a.SQL, "; \t\r\n"), a.Offset)
}

// fewStates is how many events a store has at most whose states are all read to list their
// members.
const fewStates = 50_000

// listTables lists what SQL can ask, with a row of each table.
func listTables(c *call) (*reply, error) {
	q := ask.QueryTables{StoreRef: c.store.Ref, Folding: c.folding(), At: c.a.At}
	var answer *query.Schema
	var at *wire.Moment
	err := c.w.Read(c.ctx, c.store.Ref, func(s *workspace.Store) (err error) {
		if at, _, err = c.moment(s); err != nil {
			return err
		}
		head, err := c.head(s)
		if err != nil {
			return err
		}
		if large := head != nil && head.Position != nil && *head.Position > fewStates; !large {
			if answer, err = q.Of(c.ctx, s); err == nil {
				err = ask.NoteLost(c.ctx, s)
			}
			return err
		}
		c.note(replay.Notice{Code: "sample", Text: "the columns of states are the members that the first streams have; a statement that names another member, or SELECT *, reads every state to find it"})
		if answer, err = q.KnownOf(c.ctx, s); err == nil {
			err = ask.NoteLost(c.ctx, s)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	r := c.reply()
	r.set("as_of", asOf(at))
	tables := wire.NewQueryTables(answer).Tables
	more := addPage(r, "rows", tables, &c.a, func(t wire.QueryTable) any {
		n := object("table", t.Name, "about", t.About, "columns", t.Columns)
		n.Set("example", orNull(t.Row))
		return n.Value()
	})
	if more {
		r.then("query", "the other tables", c.again("offset", c.a.Offset+r.shown))
	}
	r.finding = fmt.Sprintf("%d tables", len(tables))
	r.command = c.command("query", nil, "--tables", flagOn, "--at", c.a.At)
	return r, nil
}
